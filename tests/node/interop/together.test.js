// Other people's libraries at both ends, the hub and its Redis between them: what arrives, and what
// does not.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClientSecretBasic } from 'openid-client';

import { PEOPLE } from '../lib/provider.js';
import { redis, size } from '../lib/redis.js';
import { Service, know } from '../lib/service.js';
import { world } from '../lib/world.js';

const CANTINE = {
  client_id: 'cantine-du-vallon',
  secret: 'the-secret-of-the-canteen',
  name: 'Cantine scolaire',
  organisation: 'Syndicat du Vallon',
  service_url: 'https://repas.example/',
  redirect_uris: ['https://repas.example/retour'],
  sector: 'repas.example',
};
const MUSEE = {
  client_id: 'musee-du-lagon',
  secret: 'the-secret-of-the-museum',
  redirect_uris: ['https://musee.example/retour'],
  sector: 'musee.example',
};

const serviceOf = (hub, { client_id, secret, redirect_uris: [redirect_uri] }) => Service.of(hub.issuer, {
  client_id, redirect_uri, authentication: ClientSecretBasic(secret),
});

test('a citizen goes from one library through the hub to the other and back, and the claims arrive', async (t) => {
  const store = await redis(t);
  const { hub } = await world(t, {
    services: [CANTINE],
    store,
    client: { userinfo_signed_response_alg: 'ES256' },
    idp: { userinfo: 'signed' },
  });

  const { claims, userinfo, review } = await know(await serviceOf(hub, CANTINE), { acr_values: 'eidas2' });

  assert.equal(claims.acr, 'eidas2');
  assert.equal(userinfo.given_name, 'Angela Claire Louise');
  assert.equal(userinfo.family_name, 'DUBOIS');
  assert.equal(userinfo.birthdate, '1962-08-24');
  assert.equal(userinfo.email, 'angela@personne.example');
  assert.match(review.text, /DUBOIS.*24 août 1962/, 'and the citizen has read them');
  assert.ok(await size(store) > 0, 'the records lie in Redis');
});

test('the sub is the hub\'s own, another for each sector, and nothing of the provider\'s', async (t) => {
  const { hub, at } = await world(t, { services: [CANTINE, MUSEE], store: await redis(t) });

  const canteen = await know(await serviceOf(hub, CANTINE));
  const museum = await know(await serviceOf(hub, MUSEE));

  assert.match(canteen.claims.sub, /^p1\.[A-Za-z0-9_-]{43}$/);
  assert.match(museum.claims.sub, /^p1\.[A-Za-z0-9_-]{43}$/);
  assert.notEqual(canteen.claims.sub, museum.claims.sub);
  const received = JSON.stringify([canteen.answer, canteen.tokens, canteen.claims, canteen.userinfo]);
  assert.ok(!received.includes(PEOPLE.angela.sub), 'the provider\'s sub stays at the hub');
  assert.ok(!received.includes(new URL(at.issuer).host), 'and so does the provider\'s address');
  assert.ok(!received.includes('boussole'), 'and its name');
});

test('the provider learns nothing of the service', async (t) => {
  const { hub, boussole } = await world(t, { services: [CANTINE], store: await redis(t) });

  const { checks } = await know(await serviceOf(hub, CANTINE));

  const [asked] = boussole.seen.filter(({ url }) => url.startsWith('/auth?'));
  assert.ok(asked.headers.host, 'the request is there to be read');
  const said = decodeURIComponent(JSON.stringify(boussole.seen).replaceAll('+', ' ')).toLowerCase();
  const secrets = [
    CANTINE.client_id, 'repas.example', 'cantine', 'vallon',
    checks.expectedState.toLowerCase(), checks.expectedNonce.toLowerCase(),
  ];
  for (const secret of secrets) assert.ok(!said.includes(secret), `the provider has seen ${secret}`);
  assert.equal(asked.headers.referer, undefined);
});

test('two services are one to the provider: the same request but for its noise', async (t) => {
  const { hub, boussole } = await world(t, { services: [CANTINE, MUSEE], store: await redis(t) });

  await know(await serviceOf(hub, CANTINE), { acr_values: 'eidas1', ui_locales: 'en' });
  await know(await serviceOf(hub, MUSEE), { scope: 'openid' });

  const shape = ({ url }) => {
    const sent = new URL(url, 'http://provider').searchParams;
    const noise = ['state', 'nonce', 'code_challenge'];
    return [...sent].map(([name, value]) => [name, noise.includes(name) ? value.length : value]);
  };
  const [first, second] = boussole.seen.filter(({ url }) => url.startsWith('/auth?')).map(shape);
  assert.deepEqual(second, first);
});
