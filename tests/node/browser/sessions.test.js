// One sign-in for two services, and one way out of both, in a real browser.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { until } from '../lib/children.js';
import { launch, visit } from '../lib/chromium.js';
import { demo } from '../lib/hub.js';
import { onward, result, toChoice, toReview } from '../lib/walk.js';

const world = await demo({ after });
const browser = await launch({ after });
const { mairie, mutuelle } = world.services;

/** Signs in at the town hall; at the mutual, only the review is left. */
async function signInTwice(page) {
  await toReview(page, mairie);
  await onward(page).click();
  const one = await result(page, mairie);
  await page.goto(`${mutuelle}/`);
  await page.locator('#sign-in').click();
  await page.waitForURL(/\/review$/);
  await page.locator('input[name=consent]').check();
  await onward(page).click();
  const two = await result(page, mutuelle);
  return [one, two];
}

for (const [words, javaScriptEnabled] of [['', true], [', without script', false]]) {
  test(`C32 at a second service only the review is left${words}`, async (t) => {
    const { page, complaints } = await visit(t, browser, { javaScriptEnabled });

    const [one, two] = await signInTwice(page);

    assert.notEqual(one.sub, two.sub);
    assert.equal(two.userinfo.family_name, 'DUBOIS');
    complaints.none();
  });

  test(`C31 signing out at one service signs out of the hub, the other service and the provider${words}`, async (t) => {
    const { page, complaints } = await visit(t, browser, { javaScriptEnabled });
    await signInTwice(page);

    await page.locator('#sign-out').click();
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Me déconnecter de Boussole' }).click();
    await page.waitForURL(`${mutuelle}/`);

    await until('the town hall to be told', async () => {
      await page.goto(`${mairie}/`);
      return await page.locator('#signed-in').count() === 0;
    });
    await toChoice(page, mutuelle);
    complaints.none();
  });
}

test('C31 a citizen who signs out without a service is asked, and reads what was closed', async (t) => {
  const { page, complaints } = await visit(t, browser);
  await signInTwice(page);

  await page.goto(`${world.issuer}/session/end`);
  const asked = await page.locator('main').innerText();
  assert.match(asked, /Mairie de Port-Lagon/);
  assert.match(asked, /Mutuelle du Récif/);
  await onward(page).click();
  await page.getByRole('heading', { name: 'Vous êtes déconnecté', exact: true }).waitFor();

  const said = await page.locator('main').innerText();
  assert.match(said, /Mairie de Port-Lagon/);
  assert.match(said, /Votre session chez Boussole est fermée aussi/);
  await toChoice(page, mairie);
  complaints.none();
});

test('C33 the receipt can be kept, names no value, and its signature is the hub\'s', async (t) => {
  const { page, complaints } = await visit(t, browser);
  await toReview(page, mutuelle);
  await page.locator('input[name=consent]').check();
  await page.locator('input[name=receipt]').check();
  await onward(page).click();

  const shown = await page.locator('dl').innerText();
  for (const words of ['Mutuelle du Récif', 'Prénoms', 'Nom de naissance', 'Date de naissance']) {
    assert.match(shown, new RegExp(words));
  }
  assert.doesNotMatch(await page.content(), /DUBOIS|Angela|1962/);
  const download = page.waitForEvent('download');
  await page.locator('a[download="receipt.jwt"]').click();
  const file = await (await download).createReadStream();
  const jwt = Buffer.concat(await file.toArray()).toString();
  const receipt = await verified(jwt);
  assert.equal(receipt.client_id, 'mutuelle');
  assert.equal(receipt.basis, 'consent');
  assert.deepEqual(receipt.data, ['given_name', 'given_name_array', 'family_name', 'birthdate']);
  assert.match(shown, new RegExp(receipt.jti));
  assert.equal(receipt.sub, undefined);

  await onward(page).click();
  const { userinfo } = await result(page, mutuelle);
  assert.equal(userinfo.family_name, 'DUBOIS');
  complaints.none();
});

/** The claims of a JWT that one of the hub's published keys signed. */
async function verified(jwt) {
  const [header, payload, signature] = jwt.split('.');
  const read = (part) => JSON.parse(Buffer.from(part, 'base64url'));
  const { keys } = await (await fetch(`${world.issuer}/jwks`)).json();
  const jwk = keys.find(({ kid }) => kid === read(header).kid);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']);
  const good = await crypto.subtle.verify(
    { name: 'ECDSA', hash: 'SHA-256' },
    key,
    Buffer.from(signature, 'base64url'),
    Buffer.from(`${header}.${payload}`),
  );
  assert.ok(good, 'the signature is the hub\'s');
  assert.equal(read(header).typ, 'receipt+jwt');
  return read(payload);
}
