// Pages for everyone: checked by axe-core, by an HTML validator, and by what a screen reader is given.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { HtmlValidate } from 'html-validate';

import { launch, visit } from '../lib/chromium.js';
import { demo, serve } from '../lib/hub.js';
import { pages } from '../lib/pages.js';

const world = await demo({ after });
const browser = await launch({ after });
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LANGUAGES = { fr: 'fr-FR', en: 'en-GB' };
const TREES = fileURLToPath(new URL('../trees/', import.meta.url));

const html = new HtmlValidate({
  extends: ['html-validate:standard'],
  rules: {
    // Names of services are as long as they are.
    'long-title': 'off',
    'void-style': 'off',
    // Our own files, from our own address.
    'require-sri': 'off',
  },
});

for (const [name, reach] of Object.entries(pages(world))) {
  for (const [language, locale] of Object.entries(LANGUAGES)) {
    test(`C23 ${name} in ${language} is clean by axe-core, light and dark, and valid HTML`, async (t) => {
      const { page, context } = await visit(t, browser, { locale, reducedMotion: 'reduce' });
      const answers = [];
      page.on('response', (answer) => {
        const isPage = answer.request().resourceType() === 'document';
        if (isPage && answer.url().startsWith(world.issuer)) answers.push(answer);
      });
      await reach(page, context);

      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        const found = await violations(page);
        assert.deepEqual(found, [], colorScheme);
      }
      const last = answers.filter((answer) => ![204, 303].includes(answer.status())).at(-1);
      const report = await html.validateString(await last.text());
      const messages = report.results.flatMap(({ messages }) => messages);
      assert.deepEqual(messages.map(({ ruleId, message, line }) => `${line} ${ruleId}: ${message}`), []);
    });
  }

  test(`C23 what ${name} gives a screen reader to say is what it was`, async (t) => {
    const { page, context } = await visit(t, browser, { locale: 'fr-FR' });
    await reach(page, context);

    const tree = (await page.locator('body').ariaSnapshot()).replaceAll(/\b[0-9a-f]{32}\b/g, '(incident)')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'host')
      .replaceAll(/\/login\/[\w-]{80,}/g, '/login/(ticket)')
      .replaceAll(/state=[\w-]{80,}/g, 'state=(ticket)')
      .replaceAll(/data:(text\/plain;charset=utf-8|application\/jwt),\S+/g, 'data:$1,(receipt)')
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, '(time)');

    const file = `${TREES}${name}.yaml`;
    if (process.env.UPDATE) await writeFile(file, `${tree}\n`);
    assert.equal(`${tree}\n`, await readFile(file, 'utf8'), `UPDATE=1 tests/node/run.sh browser/accessibility.test.js`);
  });
}

test('C23 a choice among many, with boxes to look for one and a notice, is clean and valid too', async (t) => {
  const nobody = { issuer: 'http://127.0.0.1:9', client_id: 'lethe', secret: 'unused' };
  const hub = await serve(t, {
    services: [{ client_id: 'cantine', secret: 'unused', redirect_uris: ['http://127.0.0.1/retour'] }],
    idps: Array.from({ length: 10 }, (_, n) => (
      { ...nobody, id: `idp-${n}`, title: `Fournisseur ${n}`, email_domains: [`n${n}.example`] })),
    notices: [{ text: 'Maintenance dimanche.' }],
  });
  const { page } = await visit(t, browser, { reducedMotion: 'reduce' });
  const asked = new URLSearchParams({
    response_type: 'code',
    client_id: 'cantine',
    redirect_uri: 'http://127.0.0.1/retour',
    scope: 'openid',
    state: 'any',
    code_challenge: 'A'.repeat(43),
    code_challenge_method: 'S256',
  });
  await page.goto(`${hub.issuer}/authorize?${asked}`);
  await page.locator('#q').fill('nobody');
  await page.locator('#q').press('Enter');
  await page.getByRole('status').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.locator('#email').fill('a@elsewhere.example');
  await page.locator('#email').press('Enter');
  await page.getByRole('alert').waitFor();
  assert.deepEqual(await violations(page), []);
  const report = await html.validateString(await page.content());
  assert.deepEqual(report.results.flatMap(({ messages }) => messages.map(({ message }) => message)), []);
  await page.locator('#email').fill('a@n3.example');
  await page.locator('#email').press('Enter');
  await page.locator('.notice').waitFor();
});

/** What axe-core finds by the rules of WCAG 2.2 level AA and by its best practices. */
async function violations(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}
