// Keycloak as an identity provider of the hub: the realm `citizens`.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { freePort } from '../node/lib/children.js';
import { launch, visit } from '../node/lib/chromium.js';
import { onward } from '../node/lib/walk.js';
import { filled, keycloak, place } from './keycloak.js';
import { clientOf, kiosk, learn, leave, press } from './kiosk.js';
import { identifyAtBoussole, world } from './world.js';

const SERVICE = {
  client_id: 'guichet', secret: 'the-secret-of-the-service', name: 'Guichet', single_sign_on: false,
};
const SHARING = { ...SERVICE, client_id: 'mediatheque', name: 'Médiathèque', single_sign_on: true };
const PASSWORDS = { angela: 'papaye', ines: 'goyave', sosefo: 'corail' };
const ANGELA = {
  given_name: 'Angela Claire Louise',
  given_name_array: ['Angela', 'Claire', 'Louise'],
  family_name: 'DUBOIS',
  birthdate: '1962-08-24',
  gender: 'female',
  birthplace: '75107',
  birthcountry: '99100',
  email: 'angela@personne.example',
  email_verified: true,
};

const scope = { after };
const [port, at, shop] = [await freePort(), await place(), await kiosk(scope)];
const places = { HUB: `http://127.0.0.1:${port}`, KEYCLOAK: at.url };
const [browser, hub, server] = await Promise.all([
  launch(scope),
  world(scope, {
    port,
    services: [SERVICE, SHARING].map((one) => ({
      ...one, redirect_uris: [shop.redirect_uri], post_logout_redirect_uris: [shop.farewell],
    })),
    session: {},
    files: {
      'idps/keycloak.toml': await filled('hub/idps/keycloak.toml', places),
      'idps/keycloak-keys.toml': await filled('hub/idps/keycloak-keys.toml', places),
      'secrets/keycloak': 'the-secret-of-the-hub-at-keycloak',
    },
  }),
  keycloak(scope, at),
]);
await server.create('realms/citizens.json', places);
const as = ({ client_id, secret }) => clientOf(hub.issuer, shop, { client_id, secret });
const [service, sharing] = [await as(SERVICE), await as(SHARING)];

/** From the kiosk's button to the page of Keycloak. */
async function toKeycloak(page, { idp = 'Comptes citoyens', asked, from = service } = {}) {
  const checks = await press(page, shop, from, asked);
  await page.getByRole('link', { name: idp }).click();
  await page.waitForURL(`${at.url}/realms/citizens/**`);
  return checks;
}

/** Signs in on the page of Keycloak. */
async function signIn(page, person) {
  await page.locator('#username').fill(person);
  await page.locator('#password').fill(PASSWORDS[person]);
  await page.locator('#kc-login').click();
}

/** Reviews at the hub what the kiosk will get, and goes on: what the kiosk knows in the end. */
async function goOn(page, checks, from = service) {
  await page.waitForURL(`${hub.issuer}/callback/**`);
  await onward(page).click();
  return learn(page, from, checks);
}

/** A whole sign-in at Keycloak, in a window of its own. */
async function know(t, person, way) {
  const { page, complaints } = await visit(t, browser);
  const checks = await toKeycloak(page, way);
  await signIn(page, person);
  const known = await goOn(page, checks);
  complaints.none();
  return known;
}

test('a citizen signs in at Keycloak, and the service learns who they are', async (t) => {
  const { claims, userinfo: { sub, ...identity } } = await know(t, 'angela', { asked: { acr_values: 'eidas2' } });

  assert.match(sub, /^p1\.[A-Za-z0-9_-]{43}$/);
  assert.equal(claims.acr, 'eidas2');
  assert.deepEqual(identity, ANGELA);
});

test('a citizen who was born abroad, on a day that is not known, has a country and no commune', async (t) => {
  const { userinfo: { sub, ...identity } } = await know(t, 'ines');

  assert.match(sub, /^p1\./);
  assert.equal(identity.given_name, 'Inès Lucía');
  assert.equal(identity.birthdate, '1990-05-00');
  assert.equal(identity.birthplace, '');
  assert.equal(identity.birthcountry, '99134');
});

test('where Keycloak knows the hub by its keys and signs all it says, the citizen is the same', async (t) => {
  const plain = await know(t, 'angela');
  const signed = await know(t, 'angela', { idp: 'Comptes signés' });

  assert.deepEqual(signed.userinfo, plain.userinfo);
});

test('a person has one sub, whether Keycloak or another provider vouched', async (t) => {
  const { page } = await visit(t, browser);
  const checks = await press(page, shop, service);
  await identifyAtBoussole(page, 'angela');
  const elsewhere = await goOn(page, checks);

  const { claims } = await know(t, 'angela');

  assert.equal(claims.sub, elsewhere.claims.sub);
});

test('the name of the account at Keycloak is not taken for a name of the person', async (t) => {
  const { userinfo } = await know(t, 'angela', { asked: { scope: 'openid preferred_username' } });

  assert.deepEqual(Object.keys(userinfo), ['sub']);
});

test('the next citizen at the same computer is not taken for the last', async (t) => {
  const { page } = await visit(t, browser);
  const first = await toKeycloak(page);
  await signIn(page, 'angela');
  await goOn(page, first);

  const checks = await toKeycloak(page);
  assert.equal(await page.locator('#kc-attempted-username').inputValue(), 'angela', 'whose password is asked for');
  await page.locator('#reset-login').click();
  await signIn(page, 'ines');
  const { userinfo } = await goOn(page, checks);

  assert.equal(userinfo.family_name, 'MARTOS');
});

test('a citizen of whom Keycloak knows no commune is refused with L3005, and told what is missing', async (t) => {
  const { page } = await visit(t, browser);
  await toKeycloak(page);

  await signIn(page, 'sosefo');

  const notice = await page.locator('.notice').innerText();
  assert.match(notice, /L’identité transmise par Comptes citoyens est incomplète \(Commune de naissance\)\./);
  assert.match(notice, /L3005/);
});

test('a citizen who leaves at the hub has left Keycloak too', async (t) => {
  const { page, user } = await withSessions(t);
  assert.equal((await user.sessions()).length, 1);

  await leave(page, shop, `${hub.issuer}/session/end`, user.id_token);

  assert.deepEqual(await user.sessions(), []);
});

test('where Keycloak ends the session of a citizen, the hub asks anew', async (t) => {
  const { page, user } = await withSessions(t);
  await press(page, shop, sharing);
  await onward(page).waitFor();

  await server.admin('POST', `/citizens/users/${user.id}/logout`);

  await press(page, shop, sharing);
  await page.getByRole('link', { name: 'Comptes citoyens' }).waitFor();
});

/** A citizen with one session at Keycloak, and with one at the hub that came of it. */
async function withSessions(t) {
  const [{ id }] = await server.admin('GET', '/citizens/users?username=ines');
  const sessions = () => server.admin('GET', `/citizens/users/${id}/sessions`);
  const { page } = await visit(t, browser);
  await server.admin('POST', `/citizens/users/${id}/logout`);
  const checks = await toKeycloak(page, { from: sharing });
  await signIn(page, 'ines');
  const { id_token } = await goOn(page, checks, sharing);
  return { page, user: { id, id_token, sessions } };
}

test('no citizen can change at Keycloak who they are', async (t) => {
  const { page } = await visit(t, browser);
  const account = `${at.url}/realms/citizens/account`;
  await page.goto(account);
  const asked = page.waitForRequest(`${account}/?userProfileMetadata=true`);
  await signIn(page, 'angela');
  const { authorization } = await (await asked).allHeaders();
  const headers = { authorization, accept: 'application/json', 'content-type': 'application/json' };
  const profile = async () => (await fetch(`${account}/`, { headers })).json();
  const before = await profile();
  assert.equal(before.lastName, 'DUBOIS');

  for (const change of [{ lastName: 'MARTOS' }, { attributes: { ...before.attributes, birthdate: ['1990-05-00'] } }]) {
    const body = JSON.stringify({ ...before, ...change });
    const answer = await fetch(`${account}/`, { method: 'POST', headers, body });
    assert.equal(answer.status, 400);
  }

  assert.deepEqual(await profile(), before);
});
