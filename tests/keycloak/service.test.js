// Keycloak as a service of the hub: the realm `town`, which knows its people through the hub alone.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { freePort, until } from '../node/lib/children.js';
import { launch, visit } from '../node/lib/chromium.js';
import { PEOPLE } from '../node/lib/provider.js';
import { onward } from '../node/lib/walk.js';
import { filled, keycloak, place } from './keycloak.js';
import { clientOf, kiosk, learn, leave, press } from './kiosk.js';
import { identifyAtBoussole, world } from './world.js';

// Angela's husband, born abroad: they read their mail at one address.
PEOPLE.marc = {
  sub: 'compte-9d20-1377',
  given_name: 'Marc',
  family_name: 'ARNAUD',
  gender: 'male',
  birthdate: '1959-02-11',
  birthplace: '',
  birthcountry: '99131',
  email: PEOPLE.angela.email,
  email_verified: true,
};
const ANGELA = {
  given_name: 'Angela Claire Louise',
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
const [browser, server, hub] = await Promise.all([
  launch(scope),
  keycloak(scope, at),
  world(scope, {
    port,
    session: {},
    files: { 'services/town.toml': await filled('hub/services/town.toml', { KEYCLOAK: at.url }) },
  }),
]);
await server.create('realms/town.json', { SERVICE: shop.url });
await server.broker('town', 'realms/town-lethe.json', hub.issuer);
const service = await clientOf(server.realm('town'), shop, {
  client_id: 'guichet', secret: 'the-secret-of-the-service-at-keycloak',
});

/** From the kiosk's button to the hub, by the button on Keycloak's page. */
async function toHub(page) {
  const checks = await press(page, shop, service, { scope: 'openid' });
  await page.getByRole('link', { name: 'Lethe' }).click();
  await page.waitForURL(`${hub.issuer}/login/**`);
  return checks;
}

/** A whole sign-in in a window of its own: what the kiosk knows, and Keycloak's user. */
async function know(t, person) {
  const { page, complaints } = await visit(t, browser);
  const checks = await toHub(page);
  await identifyAtBoussole(page, person);
  await onward(page).click();
  const { userinfo, id_token } = await learn(page, service, checks);
  complaints.none();
  return { page, userinfo, id_token, user: await server.admin('GET', `/town/users/${userinfo.sub}`) };
}

const sessions = async ({ id }) => (await server.admin('GET', `/town/users/${id}/sessions`)).length;

test('a citizen reaches a client of Keycloak through the hub, and no form of Keycloak is on the way', async (t) => {
  const { userinfo: { sub, name, preferred_username, ...identity }, user } = await know(t, 'angela');

  assert.deepEqual(identity, ANGELA);
  assert.equal(user.firstName, 'Angela Claire Louise');
  assert.equal(user.lastName, 'DUBOIS');
  assert.deepEqual(user.attributes, {
    birthdate: ['1962-08-24'], gender: ['female'], birthplace: ['75107'], birthcountry: ['99100'],
  });
  const [link] = await server.admin('GET', `/town/users/${sub}/federated-identity`);
  assert.match(link.userId, /^p1\.[A-Za-z0-9_-]{43}$/);
  assert.equal(preferred_username, link.userId.toLowerCase());
});

test('a second sign-in finds the same user, with what the hub says today', async (t) => {
  const { user: first } = await know(t, 'angela');
  const changed = { ...first, lastName: 'AUTRE', attributes: { ...first.attributes, birthplace: ['2A004'] } };
  await server.admin('PUT', `/town/users/${first.id}`, changed);

  const { userinfo, user } = await know(t, 'angela');

  assert.equal(userinfo.sub, first.id);
  assert.equal(userinfo.family_name, 'DUBOIS');
  assert.equal(userinfo.birthplace, '75107');
  assert.deepEqual(user, first);
});

test('two people who share an e-mail address are two users', async (t) => {
  const { user: angela } = await know(t, 'angela');
  const { user: marc, userinfo } = await know(t, 'marc');

  assert.equal(marc.email, angela.email);
  assert.notEqual(marc.id, angela.id);
  assert.equal(userinfo.birthcountry, '99131');
  assert.equal(userinfo.birthplace, undefined);
});

test('a citizen who gives up at the hub is back at Keycloak, and told so', async (t) => {
  const { page } = await visit(t, browser);
  await toHub(page);

  await page.getByRole('link', { name: 'sans me connecter' }).click();

  await page.getByText('Access denied when authenticating with Lethe').waitFor();
  assert.ok(await page.getByRole('link', { name: 'Lethe' }).isVisible(), 'another try is one click');
});

test('a citizen who leaves at Keycloak has left the hub, and is back at the service', async (t) => {
  const { page, user, id_token } = await know(t, 'marc');
  const before = await sessions(user);

  await leave(page, shop, `${server.realm('town')}/protocol/openid-connect/logout`, id_token);

  assert.equal(await sessions(user), before - 1);
  await toHub(page);
  assert.ok(await page.getByRole('link', { name: 'Boussole' }).isVisible(), 'the hub asks anew');
});

test('a citizen who leaves at the hub has left Keycloak too', async (t) => {
  const { page, user } = await know(t, 'marc');
  const before = await sessions(user);

  await page.goto(`${hub.issuer}/session/end`);
  await page.getByRole('button', { name: 'Me déconnecter' }).click();
  await page.getByRole('heading', { name: 'Vous êtes déconnecté' }).waitFor();

  await until('the end of the session at Keycloak', async () => (await sessions(user)) === before - 1);
});
