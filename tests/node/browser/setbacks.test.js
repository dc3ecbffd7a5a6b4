// Citizens go back, reload, click twice, give up and lose their cookies: no way leads to a dead end.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { launch, visit, visitWithoutCookies } from '../lib/chromium.js';
import { demo } from '../lib/hub.js';
import { choose, decline, identify, onward, result, toChoice, toReview, trouble } from '../lib/walk.js';

const world = await demo({ after });
const browser = await launch({ after });
const { mairie, mutuelle } = world.services;

const SUB = /^p1\.[A-Za-z0-9_-]{43}$/;
/** A page of the hub that says why a step failed has a status that says so too. */
const refusal = ({ where, what }) => where.startsWith(world.issuer) && /\b400\b/.test(what);
/** So has the service's. */
const trouble400 = ({ where, what }) => where.startsWith(mairie) && /\b400\b/.test(what);

test('C06 Back from the identity provider leads to the choice, and a second choice works', async (t) => {
  const { page, complaints } = await visit(t, browser);
  await toChoice(page, mairie);
  await choose(page, 'Ardoise');

  await page.goBack();
  await choose(page, 'Boussole');
  await identify(page);
  assert.match(await page.locator('main').innerText(), /Boussole/);
  await onward(page).click();

  const { userinfo } = await result(page, mairie);
  assert.equal(userinfo.family_name, 'DUBOIS');
  complaints.none();
});

test('C06 after a second choice the answer of the first is worth nothing, and harms nothing', async (t) => {
  const { page, context, complaints } = await visit(t, browser);
  await toChoice(page, mairie);
  await choose(page, 'Ardoise');
  const first = page.url();
  await page.goBack();
  await choose(page, 'Boussole');

  const other = await context.newPage();
  await other.goto(first);
  await identify(other, 'sosefo');
  assert.match(await other.locator('main').innerText(), /L1003/);
  assert.ok(await other.getByRole('link', { name: 'Reprendre la connexion' }).isVisible());

  await identify(page, 'angela');
  await onward(page).click();
  const { userinfo } = await result(page, mairie);
  assert.equal(userinfo.family_name, 'DUBOIS');
  complaints.none(refusal);
});

test('C08 every page can be reloaded, and the sign-in goes on', async (t) => {
  const { page, complaints } = await visit(t, browser);
  const reloaded = async () => {
    const before = await page.locator('main').innerText();
    await page.reload();
    assert.equal(await page.locator('main').innerText(), before);
  };

  await toChoice(page, mutuelle);
  await reloaded();
  await choose(page, 'Boussole');
  await reloaded();
  await identify(page);
  await reloaded();
  assert.match(page.url(), /\/review$/, 'the answer of the provider is not used again');
  await reloaded();
  await page.locator('input[name=consent]').evaluate((input) => input.removeAttribute('required'));
  await onward(page).click();
  await page.getByRole('alert').waitFor();
  await reloaded();
  await page.locator('input[name=consent]').check();
  await onward(page).click();

  assert.match((await result(page, mutuelle)).sub, SUB);
  complaints.none();
});

test('C09 a double click on Continue signs in once', async (t) => {
  const { page, complaints } = await visit(t, browser);
  const codes = codesAt(page, mairie);
  await toReview(page, mairie);

  await onward(page).dblclick();

  assert.match((await result(page, mairie)).sub, SUB);
  assert.equal(codes.size, 1, 'one code, however often it was clicked');
  complaints.none();
});

test('Back from the service makes no second sign-in', async (t) => {
  const { page, complaints } = await visit(t, browser);
  const codes = codesAt(page, mairie);
  await toReview(page, mairie);
  await page.reload();
  await onward(page).click();
  await result(page, mairie);

  await page.goBack();

  assert.match(await page.locator('main').innerText(), /L1005/);
  assert.equal(codes.size, 1, 'the code is not sent a second time');
  await page.getByRole('link', { name: 'Revenir au service' }).click();
  await page.waitForURL(`${mairie}/`);
  complaints.none(refusal);
});

for (const [place, reach] of [['choice', toChoice], ['review', toReview]]) {
  test(`the way back from the ${place} reaches the service with access_denied`, async (t) => {
    const { page, complaints } = await visit(t, browser);
    await reach(page, mairie);

    await page.getByRole('link', { name: 'sans me connecter' }).click();

    assert.equal(await trouble(page, mairie), 'access_denied');
    complaints.none(trouble400);
  });
}

test('C10 a citizen who declines is back at the choice with a notice, and another account works', async (t) => {
  const { page, complaints } = await visit(t, browser);
  await toChoice(page, mairie);
  await choose(page, 'Ardoise');

  await decline(page);

  const notice = await page.locator('.notice').innerText();
  assert.match(notice, /Ardoise n’a pas confirmé votre identité\./);
  assert.match(notice, /L3001/);
  await choose(page, 'Boussole');
  await identify(page);
  await onward(page).click();
  assert.match((await result(page, mairie)).sub, SUB);
  complaints.none();
});

test('C22 a provider below the level asked is shown, named so, and cannot be chosen', async (t) => {
  const { page, complaints } = await visit(t, browser);
  await toChoice(page, mairie, { acr_values: 'eidas3' });

  assert.deepEqual(await page.locator('a.idp b').allInnerTexts(), ['Citadelle']);
  assert.deepEqual(await page.locator('.idp.off').allInnerTexts(), [
    'Ardoise\nGarantie insuffisante pour ce service',
    'Boussole\nGarantie insuffisante pour ce service',
    'Corail\nGarantie insuffisante pour ce service',
  ]);
  await page.goto(`${page.url()}idp/boussole`);
  assert.match(await page.locator('.notice').innerText(), /L3007/);
  complaints.none();
});

test('C03 a browser that keeps no cookie is told so, with a way back to the service', async (t) => {
  const { page, complaints } = await visitWithoutCookies(t);
  await toChoice(page, mairie);

  const main = await page.locator('main').innerText();
  assert.match(main, /Les cookies sont bloqués/);
  assert.match(main, /L1002/);
  assert.match(main, /Mairie de Port-Lagon/);
  await page.getByRole('link', { name: 'Revenir au service' }).click();
  await page.waitForURL(`${mairie}/`);
  complaints.none(refusal);
});

test('C12 a choice page that is opened in another browser says so, with a way back to the service', async (t) => {
  const { page: theirs } = await visit(t, browser);
  await toChoice(theirs, mairie);
  const { page, context, complaints } = await visit(t, browser);
  await toChoice(page, mutuelle);

  await page.goto(theirs.url());

  assert.match(await page.locator('main').innerText(), /L1001/);
  assert.equal((await context.cookies(world.issuer)).length, 1);
  await page.getByRole('link', { name: 'Revenir au service' }).click();
  await page.waitForURL(`${mairie}/`);
  complaints.none(refusal);
});

/** The codes that a window brings to a service, as they come. */
function codesAt(page, service) {
  const codes = new Set();
  page.on('request', (request) => {
    const { href, searchParams } = new URL(request.url());
    if (href.startsWith(`${service}/callback`)) codes.add(searchParams.get('code'));
  });
  return codes;
}
