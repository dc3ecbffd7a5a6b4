// The hub as a client of an identity provider that somebody else wrote (oidc-provider), with its
// records in Redis.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { ClientSecretPost } from 'openid-client';

import { until } from '../lib/children.js';
import { freshKeys, provider } from '../lib/provider.js';
import { redis, size } from '../lib/redis.js';
import { Service, know, toReview } from '../lib/service.js';
import { HUB, world } from '../lib/world.js';

const SERVICE = {
  client_id: 'cantine',
  secret: 'the-secret-of-the-service',
  redirect_uris: ['https://cantine.example/retour'],
};
const PIVOT = {
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
const RESERVED = { client_id: 'lethe-%41+b:c', client_secret: 'a-b%41+c d:e&f=g/h?i~j!k*l(m)' };

/** A world of one test's own, and the service in it. */
async function meet(t, { asking = {}, ...settings } = {}) {
  const store = await redis(t);
  const met = await world(t, { services: [{ ...SERVICE, ...asking }], store, ...settings });
  const service = await Service.of(met.hub.issuer, {
    client_id: SERVICE.client_id,
    redirect_uri: SERVICE.redirect_uris[0],
    authentication: ClientSecretPost(SERVICE.secret),
  });
  return { ...met, service, store };
}

/** What the service learns, and how the hub authenticated at the provider's token endpoint. */
async function signedIn(t, settings, asked) {
  const { service, boussole, store } = await meet(t, settings);
  const { userinfo: { sub, ...claims }, claims: { acr } } = await know(service, asked);
  const [redeemed] = boussole.seen.filter(({ method, url }) => method === 'POST' && url === '/token');
  assert.match(sub, /^p1\.[A-Za-z0-9_-]{43}$/);
  assert.ok(await size(store) > 0, 'the records lie in Redis');
  return { acr, claims, redeemed, seen: boussole.seen };
}

/** The code on the choice page where a citizen ends who was not identified. */
async function refusedWith(t, settings) {
  const { service } = await meet(t, settings);
  const { url } = await service.ask();
  const page = await toReview(service.citizen(), url);
  assert.match(page.url.pathname, /^\/login\/[^/]+\/$/);
  return /<code>(L\d{4})<\/code>/.exec(page.html)?.[1];
}

test('a provider that takes a secret in the header, and signs with ES256, identifies a citizen', async (t) => {
  const { acr, claims, redeemed } = await signedIn(t, {}, { acr_values: 'eidas2' });

  assert.equal(acr, 'eidas2');
  assert.deepEqual(claims, PIVOT);
  assert.match(redeemed.headers.authorization, /^Basic /);
  assert.equal(redeemed.body.client_secret, undefined);
});

test('an id and a secret of reserved characters reach the provider as they are', async (t) => {
  const { claims } = await signedIn(t, { client: RESERVED });

  assert.deepEqual(claims, PIVOT);
});

test('a provider that takes a secret in the body, and signs with RS256, identifies a citizen', async (t) => {
  const { claims, redeemed } = await signedIn(t, {
    client: { token_endpoint_auth_method: 'client_secret_post', id_token_signed_response_alg: 'RS256' },
    idp: { method: 'client_secret_post', algorithms: ['RS256'] },
  });

  assert.deepEqual(claims, PIVOT);
  assert.equal(redeemed.headers.authorization, undefined);
  assert.equal(redeemed.body.client_secret, HUB.client_secret);
});

for (const algorithm of ['ES256', 'RS256', 'PS256', 'EdDSA']) {
  test(`a provider that takes the hub's published key (private_key_jwt), and signs with ${algorithm}, identifies a citizen`, async (t) => {
    const { claims, redeemed } = await signedIn(t, {
      client: { token_endpoint_auth_method: 'private_key_jwt', id_token_signed_response_alg: algorithm },
      idp: { method: 'private_key_jwt', algorithms: [algorithm] },
    });

    assert.deepEqual(claims, PIVOT);
    assert.match(redeemed.body.client_assertion, /^[^.]+\.[^.]+\.[^.]+$/);
    assert.equal(redeemed.headers.authorization, undefined);
    assert.equal(redeemed.body.client_secret, undefined);
  });

  test(`userinfo that a provider signs with ${algorithm} is read`, async (t) => {
    const { claims } = await signedIn(t, {
      client: { userinfo_signed_response_alg: algorithm, id_token_signed_response_alg: algorithm },
      idp: { userinfo: 'signed', algorithms: [algorithm] },
    });

    assert.deepEqual(claims, PIVOT);
  });
}

for (const algorithm of ['ECDH-ES', 'RSA-OAEP-256']) {
  const encrypted = (enc) => ({
    client: {
      id_token_encrypted_response_alg: algorithm,
      id_token_encrypted_response_enc: enc,
      userinfo_signed_response_alg: 'ES256',
      userinfo_encrypted_response_alg: algorithm,
      userinfo_encrypted_response_enc: enc,
    },
    idp: { id_token: 'encrypted', userinfo: 'encrypted' },
  });

  test(`tokens that a provider encrypts for the hub with ${algorithm} are opened`, async (t) => {
    const { claims } = await signedIn(t, encrypted('A256GCM'));

    assert.deepEqual(claims, PIVOT);
  });

  test(`tokens encrypted with ${algorithm} and another content algorithm are refused`, async (t) => {
    assert.equal(await refusedWith(t, encrypted('A128CBC-HS256')), 'L3003');
  });
}

test('an encrypted id token is refused where the entry says that it is signed', async (t) => {
  const client = { id_token_encrypted_response_alg: 'ECDH-ES', id_token_encrypted_response_enc: 'A256GCM' };

  assert.equal(await refusedWith(t, { client }), 'L3003');
});

test('userinfo in plain JSON is refused where the entry says that it is signed', async (t) => {
  assert.equal(await refusedWith(t, { idp: { userinfo: 'signed' } }), 'L3003');
});

test('signed userinfo is refused where the entry says that it is plain JSON', async (t) => {
  assert.equal(await refusedWith(t, { client: { userinfo_signed_response_alg: 'ES256' } }), 'L3003');
});

test('an id token signed with an algorithm that the entry does not list is refused', async (t) => {
  const settings = { client: { id_token_signed_response_alg: 'RS256' }, idp: { algorithms: ['ES256'] } };

  assert.equal(await refusedWith(t, settings), 'L3003');
});

test('a level that the entry does not know is refused', async (t) => {
  assert.equal(await refusedWith(t, { acr: 'platinum' }), 'L3003');
});

test('a level below the one that the service needs is refused', async (t) => {
  assert.equal(await refusedWith(t, { acr: 'eidas1', asking: { minimum_level: 'eidas2' } }), 'L3004');
});

test('an answer that another site posts comes back to the citizen\'s own login', async (t) => {
  // A site of its own: the form that it posts brings no cookie of the hub.
  const { claims, seen } = await signedIn(t, { host: 'localhost', idp: { response_mode: 'form_post' } });

  assert.deepEqual(claims, PIVOT);
  const asked = seen.find(({ url }) => url.startsWith('/auth?'));
  assert.equal(new URL(asked.url, 'http://provider').searchParams.get('response_mode'), 'form_post');
});

test('a citizen who declines at the provider is told so, and may choose again', async (t) => {
  const { service } = await meet(t);
  const { url } = await service.ask();
  const citizen = service.citizen();
  const signIn = await citizen.click(await citizen.open(url), 'idp/boussole');

  const choice = await citizen.submit(signIn, 'decline');

  assert.match(choice.text, /Boussole n’a pas confirmé votre identité\./);
  assert.match(choice.html, /<code>L3001<\/code>/);
  assert.ok(choice.link('idp/boussole'));
});

test('a provider that is restarted with new keys is believed again, without a word to the hub', async (t) => {
  const { service, boussole, at, registration } = await meet(t);
  await know(service);
  await boussole.stop();
  await provider(t, at, { client: registration, keys: freshKeys() });

  // The hub fetches a key set twice within half a minute for nobody.
  const review = await until('the new keys', async () => {
    const { url } = await service.ask();
    const page = await toReview(service.citizen(), url);
    assert.ok(page.hasForm('token') || page.html.includes('<code>L3003</code>'), `${page}`);
    return page.hasForm('token') && page;
  }, { within: 60_000, every: 1_000 });

  assert.match(review.text, /DUBOIS/);
});
