// A service built on a certified client library (openid-client) signs citizens in through the hub. The
// library makes its own checks of everything that the hub says; the tests make sure that it did.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, test } from 'node:test';

import * as oidc from 'openid-client';

import { Service, know, signIn } from '../lib/service.js';
import { world } from '../lib/world.js';

const BACK = 'https://cantine.example/retour';
const SUB = /^p1\.[A-Za-z0-9_-]{43}$/;
const RESERVED = { id: 'cantine-%41+b:c&d=e/f?', secret: 'a-b%41+c d:e&f=g/h?i~j!k*l(m)' };

const es256 = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
  return { jwk, pkcs8: privateKey.export({ type: 'pkcs8', format: 'der' }) };
};
const [ours, theirs] = [es256(), es256()];
const privateKey = ({ pkcs8 }) => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  return crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
};

const at = (client_id, said) => ({ client_id, redirect_uris: [BACK], ...said });
const { hub } = await world({ after }, {
  services: [
    at('secret', { secret: 'a-plain-secret' }),
    at(RESERVED.id, { secret: RESERVED.secret }),
    at('key', { jwks: { keys: [ours.jwk] } }),
    at('public', {}),
    at('elliptic', { secret: 'a-plain-secret', signing_alg: 'ES256', userinfo: 'jwt' }),
    at('signed', { secret: 'a-plain-secret', userinfo: 'jwt' }),
    at('moved', { secret: 'a-plain-secret', profile: 'franceconnect', iss_parameter: true }),
  ],
});

const service = (client_id, authentication, metadata) => Service.of(hub.issuer, {
  client_id, authentication, redirect_uri: BACK, ...metadata,
});
const plain = () => service('secret', oidc.ClientSecretBasic('a-plain-secret'));
/** The library says in general what is wrong, and the particulars in the cause. */
const because = (pattern) => (fault) => {
  assert.match(fault.cause.message, pattern);
  return true;
};
const header = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url'));

test('a certified client signs a citizen in', async () => {
  const { answer, checks, claims, tokens, userinfo } = await know(await plain(), { acr_values: 'eidas2' });

  assert.equal(answer.searchParams.get('iss'), hub.issuer);
  assert.equal(answer.searchParams.get('state'), checks.expectedState);
  assert.equal(header(tokens.id_token).alg, 'RS256');
  assert.equal(claims.iss, hub.issuer);
  assert.equal(claims.aud, 'secret');
  assert.equal(claims.nonce, checks.expectedNonce);
  assert.equal(claims.acr, 'eidas2');
  assert.match(claims.sub, SUB);
  assert.deepEqual(userinfo, {
    sub: claims.sub,
    given_name: 'Angela Claire Louise',
    given_name_array: ['Angela', 'Claire', 'Louise'],
    family_name: 'DUBOIS',
    birthdate: '1962-08-24',
    gender: 'female',
    birthplace: '75107',
    birthcountry: '99100',
    email: 'angela@personne.example',
    email_verified: true,
  });
});

test('a citizen keeps the same sub from one sign-in to the next', async () => {
  const first = await know(await plain());
  const second = await know(await plain());

  assert.equal(second.claims.sub, first.claims.sub);
});

test('the client holds the hub to the state and the iss of an answer', async () => {
  const one = await plain();
  const { answer, checks } = await signIn(one);
  const changed = (change) => {
    const url = new URL(answer);
    change(url.searchParams);
    return url;
  };
  const refused = (change, pattern) => assert.rejects(one.redeem(changed(change), checks), because(pattern));

  await refused((sent) => sent.set('state', 'another'), /"state"/);
  await refused((sent) => sent.delete('state'), /"state"/);
  await refused((sent) => sent.set('iss', 'https://other.example'), /"iss"/);
  // Discovery promises the parameter, so an answer without it is somebody else's.
  await refused((sent) => sent.delete('iss'), /"iss"/);
  assert.ok(await one.redeem(answer, checks), 'unchanged, it is accepted');
});

test('the client holds the id token to the nonce it sent', async () => {
  const one = await plain();
  const { answer, checks } = await signIn(one);

  const other = { ...checks, expectedNonce: oidc.randomNonce() };
  await assert.rejects(one.redeem(answer, other), because(/"nonce"/));
});

test('a code is worth nothing to whoever lacks the PKCE verifier', async () => {
  const one = await plain();
  const { answer, checks } = await signIn(one);
  const stolen = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };

  await assert.rejects(one.redeem(answer, stolen), { error: 'invalid_grant', status: 400 });
});

test('the client refuses userinfo about another person than the id token', async () => {
  const one = await plain();
  const { tokens } = await know(one);

  await assert.rejects(one.learn(tokens.access_token, `p1.${'A'.repeat(43)}`), because(/"sub"/));
});

test('max_age brings the moment of the authentication, and the client checks it', async () => {
  const one = await plain();
  const { answer, checks } = await signIn(one, { max_age: '300' });
  const tokens = await one.redeem(answer, { ...checks, maxAge: 300 });

  const age = Date.now() / 1000 - tokens.claims().auth_time;
  assert.ok(age > -5 && age < 60, `authenticated ${age} s ago`);
});

const WAYS = {
  'with client_secret_basic': {
    right: () => service('secret', oidc.ClientSecretBasic('a-plain-secret')),
    wrong: () => service('secret', oidc.ClientSecretBasic('another-secret')),
  },
  'with client_secret_basic, its id and secret full of reserved characters': {
    right: () => service(RESERVED.id, oidc.ClientSecretBasic(RESERVED.secret)),
    // What a server would make of it that decodes twice.
    wrong: () => service(RESERVED.id, oidc.ClientSecretBasic(decodeURIComponent(RESERVED.secret))),
  },
  'with client_secret_post': {
    right: () => service(RESERVED.id, oidc.ClientSecretPost(RESERVED.secret)),
    wrong: () => service(RESERVED.id, oidc.ClientSecretPost('another-secret')),
  },
  'with private_key_jwt': {
    right: async () => service('key', oidc.PrivateKeyJwt({ key: await privateKey(ours), kid: 'one' })),
    wrong: async () => service('key', oidc.PrivateKeyJwt({ key: await privateKey(theirs), kid: 'one' })),
  },
  'as a public client, with PKCE alone': {
    right: () => service('public', oidc.None()),
    // Only where the entry says so.
    wrong: () => service('secret', oidc.None()),
  },
};

for (const [way, { right, wrong }] of Object.entries(WAYS)) {
  test(`a client authenticates ${way}`, async () => {
    const { userinfo } = await know(await right());

    assert.equal(userinfo.family_name, 'DUBOIS');
  });

  test(`a client that fails to authenticate ${way} gets no tokens`, async () => {
    const stranger = await wrong();
    const { answer, checks } = await signIn(stranger);

    await assert.rejects(stranger.redeem(answer, checks), (fault) => {
      assert.equal(fault.status, 401);
      // A client that tried the header is told the scheme, and the library reports that first.
      assert.ok(fault.error === 'invalid_client' || fault.cause[0].scheme === 'basic', `${fault}`);
      return true;
    });
  });
}

test('a service registered for ES256 gets id tokens signed with ES256, and its library accepts them', async () => {
  const elliptic = await service('elliptic', oidc.ClientSecretBasic('a-plain-secret'), {
    id_token_signed_response_alg: 'ES256', userinfo_signed_response_alg: 'ES256',
  });

  const { tokens, userinfo } = await know(elliptic);

  assert.equal(header(tokens.id_token).alg, 'ES256');
  assert.equal(userinfo.family_name, 'DUBOIS');
});

test('a service registered for signed userinfo gets it signed, and its library accepts it', async () => {
  const signed = await service('signed', oidc.ClientSecretBasic('a-plain-secret'), {
    userinfo_signed_response_alg: 'RS256',
  });

  const { tokens, userinfo } = await know(signed);

  assert.equal(userinfo.family_name, 'DUBOIS');
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const answer = await fetch(`${hub.issuer}/userinfo`, { headers });
  assert.equal(answer.headers.get('content-type'), 'application/jwt');
  assert.equal(header(await answer.text()).alg, 'RS256');
});

test('a service of the franceconnect profile that asks for the iss parameter is signed in', async () => {
  const moved = await service('moved', oidc.ClientSecretPost('a-plain-secret'), {
    userinfo_signed_response_alg: 'RS256',
  });

  const { claims, tokens, userinfo } = await know(moved, { acr_values: 'eidas1' });

  assert.equal(tokens.expires_in, 60);
  assert.ok(claims.auth_time > 0);
  assert.equal(userinfo.family_name, 'DUBOIS');
});

test('an answer by form_post is read by the library from the request it came in', async () => {
  const one = await plain();
  const { arrival, checks } = await signIn(one, { response_mode: 'form_post' });

  assert.equal(arrival.sent.method, 'POST');
  const request = new Request(arrival.url, { method: 'POST', body: arrival.sent.body });
  const tokens = await one.redeem(request, checks);
  assert.match(tokens.claims().sub, SUB);
});

test('prompt=none is answered with login_required, as the library reports it', async () => {
  const one = await plain();
  const { url, checks } = await one.ask({ prompt: 'none' });
  const arrival = await one.citizen().open(url);

  await assert.rejects(one.redeem(arrival.url, checks), {
    code: 'OAUTH_AUTHORIZATION_RESPONSE_ERROR', error: 'login_required',
  });
});

test('a citizen who gives up is reported by the library as access_denied', async () => {
  const one = await plain();
  const { url, checks } = await one.ask();
  const citizen = one.citizen();
  const choice = await citizen.open(url);
  const arrival = await citizen.click(choice, 'cancel');

  await assert.rejects(one.redeem(arrival.url, checks), {
    code: 'OAUTH_AUTHORIZATION_RESPONSE_ERROR', error: 'access_denied',
  });
});

test('a code that is used twice fails the second time, and ends the access token of the first', async () => {
  const one = await plain();
  const { answer, checks, tokens, claims } = await know(one);

  await assert.rejects(one.redeem(answer, checks), { error: 'invalid_grant', status: 400 });

  await assert.rejects(one.learn(tokens.access_token, claims.sub), (fault) => {
    assert.equal(fault.status, 401);
    assert.equal(fault.cause[0].parameters.error, 'invalid_token');
    return true;
  });
});
