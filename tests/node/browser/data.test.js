// Data of a data provider, in a real browser: the citizen agrees, the service shows what the tax office
// answered, and the end of the access is felt at the next call.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';

import { launch, visit } from '../lib/chromium.js';
import { LETHE, demo } from '../lib/hub.js';
import { onward, toDataReview } from '../lib/walk.js';

const world = await demo({ after });
const browser = await launch({ after });
const { mairie } = world.services;

/** Agrees, with the boxes of `optional` ticked, and asks the tax office. */
async function agree(page, optional = []) {
  for (const name of ['consent', ...optional]) {
    await page.locator(`input[name="${name}"]`).check();
  }
  await onward(page).click();
  await page.waitForURL(`${mairie}/callback?*`);
  await page.locator('#see-data').click();
  return shown(page);
}

async function shown(page) {
  await page.waitForURL(`${mairie}/data`);
  const text = (id) => page.locator(`#${id}`).innerText();
  return {
    status: await text('status'),
    answer: JSON.parse(await text('data')),
    granted: await text('granted'),
    receipt: JSON.parse(await text('receipt')),
  };
}

for (const [words, javaScriptEnabled] of [['', true], [', without script', false]]) {
  test(`a citizen uploads nothing: the service shows what the tax office answered${words}`, async (t) => {
    const { page, complaints } = await visit(t, browser, { javaScriptEnabled });
    await toDataReview(page, mairie);

    const { status, answer, granted, receipt } = await agree(page, ['data:impots:tax_household']);

    assert.equal(status, '200');
    assert.equal(answer.taxpayer, 'Angela Claire Louise DUBOIS');
    assert.ok(answer.reference_income > 0 && answer.household_shares > 0);
    assert.equal(answer.tax_notice.year, 2025);
    assert.equal(granted, 'tax_household tax_income');
    const [from] = receipt.data_providers;
    assert.equal(from.id, 'impots');
    assert.equal(from.basis, 'consent');
    assert.deepEqual(from.data, ['household_shares', 'reference_income', 'tax_notice']);
    assert.doesNotMatch(JSON.stringify(receipt), /DUBOIS|Boussole/);
    complaints.none();
  });

  test(`what the citizen leaves unticked stays where it is${words}`, async (t) => {
    const { page } = await visit(t, browser, { javaScriptEnabled });
    await toDataReview(page, mairie);

    const { status, answer, granted } = await agree(page);

    assert.equal(status, '200');
    assert.equal(granted, 'tax_income');
    assert.equal(answer.household_shares, undefined);
    assert.ok(answer.reference_income > 0);
  });

  test(`the end of the access is felt at the next call${words}`, async (t) => {
    const { page } = await visit(t, browser, { javaScriptEnabled });
    await toDataReview(page, mairie);
    await agree(page);

    await page.locator('#revoke').click();
    const { status, answer } = await shown(page);

    assert.equal(status, '401');
    assert.deepEqual(answer, { error: 'invalid_token' });
  });
}

test('without the tick for consent nobody goes on', async (t) => {
  const { page } = await visit(t, browser);
  await toDataReview(page, mairie);

  await onward(page).click();

  assert.match(page.url(), /\/callback\//);
  assert.equal(await page.locator('input[name=consent]:invalid').count(), 1);
});

test('whoever builds a data provider gets a token for it from a service that is there', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lethe-trial-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const words = ['dp', 'new', 'allocations', '--config', folder, '--name', 'la Caisse', '--scope', 'quotient',
    '--resource', 'http://127.0.0.1:9/api'];
  const { stdout } = await promisify(execFile)(LETHE, words);
  const secret = /client_secret (\S+)/.exec(stdout)[1];
  const trial = await demo(t, ['--data-provider', join(folder, 'data-providers', 'allocations.toml')]);
  const { page } = await visit(t, browser);

  await toDataReview(page, trial.services.essai);
  await onward(page).click();
  await page.waitForURL(`${trial.services.essai}/callback?*`);
  await page.locator('#see-data').click();
  const token = await page.locator('#token').innerText();
  const ask = async () => {
    const answer = await fetch(`${trial.issuer}/token/introspection`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`allocations:${secret}`)}` },
      body: new URLSearchParams({ token }),
    });
    return answer.json();
  };
  const told = await ask();
  await page.locator('#revoke').click();
  await page.waitForURL(`${trial.services.essai}/data`);

  assert.equal(told.active, true);
  assert.equal(told.scope, 'quotient');
  assert.equal(told.family_name, 'DUBOIS');
  assert.deepEqual(await ask(), { active: false });
});

test('the tax office tells a stranger nothing', async () => {
  const { impots } = world.data_providers;
  for (const authorization of [undefined, 'Bearer x', `Bearer ${'A'.repeat(43)}`]) {
    const headers = authorization ? { authorization } : {};
    const answer = await fetch(`${impots}/v1/taxes`, { headers });

    assert.equal(answer.status, 401);
    assert.match(answer.headers.get('www-authenticate'), /^Bearer/);
  }
});
