// Data providers on gateways and libraries that other people wrote: they ask the hub about the tokens that
// services bring. Each set-up below is a recipe.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import * as jose from 'jose';
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';

import { apache } from '../lib/apache.js';
import { api } from '../lib/api.js';
import { failIfEnded, freePort, start, until } from '../lib/children.js';
import { Service, signIn } from '../lib/service.js';
import { world } from '../lib/world.js';

const BACK = 'https://demarches.example/retour';
const SUB = /^p1\.[A-Za-z0-9_-]{43}$/;
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'application/token-introspection+jwt';
// Whoever encodes one of these characters wrongly is found out.
const SECRET = 'a-b%41+c d:e&f=g/h?i~j!k*l(m)';
// Where TLS ends elsewhere, the libraries have to be told; nobody needs this but the tests.
const INSECURE = { [oauth.allowInsecureRequests]: true };

const keyPair = async (alg, use, kid) => {
  const { privateKey, publicKey } = await jose.generateKeyPair(alg);
  return { privateKey, jwks: { keys: [{ ...await jose.exportJWK(publicKey), kid, alg, use }] } };
};
const signs = await keyPair('ES256', 'sig', 'signs');
const opens = await keyPair('ECDH-ES', 'enc', 'opens');

const ENTRIES = {
  oauth2: { secret: SECRET },
  openidc: { secret: SECRET },
  node: { jwks: signs.jwks, introspection: 'jwt', encryption: opens.jwks },
  flask: { secret: SECRET },
  // It moves over from FranceConnect.
  moved: { secret: SECRET, encryption: opens.jwks },
  // They never call back.
  alone: { secret: SECRET, access_token: 'jwt' },
  aloof: { secret: SECRET, access_token: 'jwt' },
};
const dataProviders = [];
for (const [id, said] of Object.entries(ENTRIES)) {
  const scopes = ['revenu', 'foyer'].map((what) => ({ name: `${id}_${what}`, text: `votre ${what}` }));
  const resource = `http://127.0.0.1:${await freePort()}/`;
  dataProviders.push({ id, resource, scopes, identity: ['given_name', 'family_name'], ...said });
}
const PROVIDERS = Object.fromEntries(dataProviders.map((entry) => [entry.id, entry]));
const portOf = ({ resource }) => Number(new URL(resource).port);

const { hub } = await world({ after }, {
  services: [{
    client_id: 'demarches',
    secret: 'the-secret-of-the-service',
    redirect_uris: [BACK],
    scopes: ['openid', ...dataProviders.flatMap(({ scopes }) => scopes.map(({ name }) => name))],
  }],
  dataProviders,
});
const service = await Service.of(hub.issuer, {
  client_id: 'demarches',
  redirect_uri: BACK,
  authentication: oidc.ClientSecretBasic('the-secret-of-the-service'),
});

// Apache in front of an API that knows nothing of tokens: it lets nobody through without a live one, and
// hands on in headers what the hub says of the citizen.

/** With mod_oauth2; the secret is percent-encoded, as in a query. */
const withOauth2 = ({ backend }) => `
<Location />
  AuthType oauth2
  Require valid-user
  # expiry=0: ask at each request. An answer that is kept misses a revocation.
  OAuth2TokenVerify introspect ${hub.issuer}/token/introspection \
    introspect.auth=client_secret_basic&client_id=oauth2&client_secret=${encodeURIComponent(SECRET)}&expiry=0
  # Claims arrive as headers HUB_<name>, in UTF-8; those that a client sends itself are dropped.
  OAuth2TargetPass prefix=HUB_
</Location>
<Location /revenu>
  # Require oauth2_claim scope~... would read better; the module of Debian 12 matches no pattern. Apache
  # answers 401, not 403, to a good token without the scope.
  Require expr "-n %{REMOTE_USER} && reqenv('HUB_scope') =~ /(^| )oauth2_revenu( |$)/"
</Location>
# The API has no use for the token itself.
RequestHeader unset Authorization
RequestHeader unset HUB_access_token
ProxyPass / ${backend}/
`;

/** With the older mod_auth_openidc; it finds the address and the method in the hub's metadata. */
const withOpenidc = ({ backend }) => `
OIDCOAuthServerMetadataURL ${hub.issuer}/.well-known/openid-configuration
OIDCOAuthClientID openidc
OIDCOAuthClientSecret "${SECRET}"
# Claims arrive as headers HUB_<name>, in base64url; those that a client sends itself are dropped.
OIDCClaimPrefix HUB_
OIDCPassClaimsAs headers base64url
OIDCOAuthRemoteUserClaim sub
<Location />
  AuthType oauth20
  Require valid-user
  # Ask at each request. Without this the module keeps an answer until exp, and misses a revocation.
  OIDCOAuthTokenIntrospectionInterval -1
</Location>
<Location /revenu>
  Require claim "scope~(^| )openidc_revenu( |$)"
  # A good token without the scope is 403, not 401.
  AuthzSendForbiddenOnFailure On
</Location>
# The API has no use for the token itself.
RequestHeader unset Authorization
RequestHeader unset OIDC_access_token
ProxyPass / ${backend}/
`;

/** Runs Apache with `module` and what `recipe` says; the API reads headers in `encoding`. */
async function onApache(provider, { module, recipe, encoding }) {
  const behind = await freePort();
  await api({ after }, behind, async ({ headers }) => {
    const claim = (name) => Buffer.from(headers.get(`hub_${name}`), encoding).toString();
    return Response.json({
      sub: claim('sub'), family_name: claim('family_name'), headers: Object.fromEntries(headers),
    });
  });
  await apache({ after }, {
    port: portOf(provider),
    modules: ['authz_user', 'headers', 'proxy', 'proxy_http', module],
    directives: recipe({ backend: `http://127.0.0.1:${behind}` }),
  });
}

/** An API that asks by itself; the answers are signed by the hub, and encrypted for it. */
async function onNode(provider) {
  const issuer = new URL(hub.issuer);
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, INSECURE));
  const client = { client_id: 'node', introspection_signed_response_alg: 'RS256' };
  const proof = oauth.PrivateKeyJwt({ key: signs.privateKey, kid: 'signs' });
  const open = async (jwe) => {
    const { plaintext } = await jose.compactDecrypt(jwe, opens.privateKey);
    return new TextDecoder().decode(plaintext);
  };

  const ask = async (token) => {
    const answer = await oauth.introspectionRequest(as, client, proof, token, INSECURE);
    const told = await oauth.processIntrospectionResponse(as, client, answer, { [oauth.jweDecrypt]: open });
    // The library leaves the signature to this second call.
    await oauth.validateApplicationLevelSignature(as, answer, INSECURE);
    return told;
  };

  await api({ after }, portOf(provider), async (request) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
    const told = token ? await ask(token) : { active: false };
    if (!told.active) return new Response('', { status: 401, headers: { 'www-authenticate': 'Bearer' } });
    if (!told.scope.split(' ').includes('node_revenu')) return new Response('', { status: 403 });
    return Response.json({ sub: told.sub, family_name: told.family_name });
  });
}

// The system's own, for which Debian packages Flask and Authlib.
const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';

/** See gateways.py. */
async function onFlask(provider) {
  const script = fileURLToPath(new URL('gateways.py', import.meta.url));
  const settings = { HUB: hub.issuer, CLIENT_ID: 'flask', CLIENT_SECRET: SECRET, PORT: portOf(provider) };
  const running = start({ after }, PYTHON, [script], { env: { ...process.env, ...settings } });
  await until('the API on Flask', () => {
    failIfEnded(running, PYTHON);
    return fetch(provider.resource);
  });
}

/** An API that asks nobody: it reads the token. */
async function onNodeAlone(provider) {
  const issuer = new URL(hub.issuer);
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, INSECURE));

  await api({ after }, portOf(provider), async (request) => {
    try {
      return Response.json(await oauth.validateJwtAccessToken(as, request, provider.resource, INSECURE));
    } catch (fault) {
      return new Response(fault.message, { status: 401, headers: { 'www-authenticate': 'Bearer' } });
    }
  });
}

await Promise.all([
  // Node.js reads headers as Latin-1.
  onApache(PROVIDERS.oauth2, { module: 'oauth2', recipe: withOauth2, encoding: 'latin1' }),
  onApache(PROVIDERS.openidc, { module: 'auth_openidc', recipe: withOpenidc, encoding: 'base64url' }),
  onNode(PROVIDERS.node),
  onFlask(PROVIDERS.flask),
  onNodeAlone(PROVIDERS.alone),
]);

/** A citizen signs in: the service's own token, and the one it makes of it for a data provider. */
async function tokens(provider, { scope = `${provider.id}_revenu`, ...asked } = {}) {
  const { answer, checks } = await signIn(service, { login: 'zelie', scope: `openid ${scope}`, ...asked });
  const { access_token: own, ...granted } = await service.redeem(answer, checks);
  const exchanged = { subject_token: own, subject_token_type: ACCESS_TOKEN, resource: provider.resource };
  const { access_token: made } = await oidc.genericGrantRequest(service.config, EXCHANGE, exchanged);
  return { own, made, sub: jose.decodeJwt(granted.id_token).sub };
}

/** The service calls the API. */
const call = (provider, token, headers = {}) => fetch(`${provider.resource}revenu`, {
  headers: token ? { authorization: `Bearer ${token}`, ...headers } : headers,
});

async function refused(provider, token) {
  const answer = await call(provider, token);

  assert.equal(answer.status, 401);
  assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/i);
}

const GATEWAYS = {
  'Apache with mod_oauth2': { provider: PROVIDERS.oauth2, withoutScope: 401 },
  'Apache with mod_auth_openidc': { provider: PROVIDERS.openidc, withoutScope: 403 },
  'a Node.js API with oauth4webapi': { provider: PROVIDERS.node, withoutScope: 403 },
  'a Flask API with Authlib': { provider: PROVIDERS.flask, withoutScope: 403 },
};

for (const [name, { provider, withoutScope }] of Object.entries(GATEWAYS)) {
  test(`${name} lets a live token through, and knows whose it is`, async () => {
    const { made, sub } = await tokens(provider);

    const answer = await call(provider, made);

    assert.equal(answer.status, 200);
    const known = await answer.json();
    assert.equal(known.family_name, 'LEFÈVRE');
    assert.match(known.sub, SUB);
    assert.notEqual(known.sub, sub, 'the service knows the citizen by another sub');
  });

  test(`${name} refuses no token, a token of nobody, the service's own, and another data provider's`, async () => {
    const other = await tokens(PROVIDERS.moved);
    const { own } = await tokens(provider);

    for (const token of [undefined, 'a-token-of-nobody', own, other.made]) await refused(provider, token);
  });

  test(`${name} refuses a token without the scope of the path`, async () => {
    const { made } = await tokens(provider, { scope: `${provider.id}_foyer` });

    const answer = await call(provider, made);

    assert.equal(answer.status, withoutScope);
  });

  test(`${name} refuses a revoked token, and one made of a revoked token, at the very next call`, async () => {
    const [one, two] = [await tokens(provider), await tokens(provider)];
    for (const { made } of [one, two]) assert.equal((await call(provider, made)).status, 200);

    await oidc.tokenRevocation(service.config, one.made);
    await refused(provider, one.made);
    await oidc.tokenRevocation(service.config, two.own);
    await refused(provider, two.made);
  });
}

for (const [name, { provider }] of Object.entries(GATEWAYS).slice(0, 2)) {
  test(`${name} hands on no claim that the hub did not make, and not the token`, async () => {
    const { made } = await tokens(provider);
    // Many an API takes a hyphen for an underscore.
    const names = ['HUB_sub', 'HUB_gender', 'HUB-gender', 'HUB_access_token'];
    const forged = Object.fromEntries(names.map((one) => [one, 'forged']));

    const answer = await call(provider, made, forged);

    const { sub, headers } = await answer.json();
    assert.match(sub, SUB);
    const received = JSON.stringify(headers);
    assert.ok(!received.includes('forged'), received);
    for (const encoding of ['utf8', 'base64url']) {
      assert.ok(!received.includes(Buffer.from(made).toString(encoding)), received);
    }
  });
}

test('an API that never calls back checks a JWT access token by itself, and learns of nobody\'s name', async () => {
  const { made, sub } = await tokens(PROVIDERS.alone);

  const answer = await call(PROVIDERS.alone, made);

  assert.equal(answer.status, 200);
  const claims = await answer.json();
  assert.match(claims.sub, SUB);
  assert.notEqual(claims.sub, sub);
  assert.equal(claims.scope, 'alone_revenu');
  assert.equal(claims.client_id, hub.issuer, 'nor of the service');
  assert.equal(claims.family_name, undefined);
});

test('an API that never calls back refuses no token, an opaque one, another API\'s, and one that was changed', async () => {
  const other = await tokens(PROVIDERS.aloof);
  const { own, made } = await tokens(PROVIDERS.alone);
  const [head, , signature] = made.split('.');
  const claims = { ...jose.decodeJwt(made), sub: `p1.${'A'.repeat(43)}` };
  const changed = [head, jose.base64url.encode(JSON.stringify(claims)), signature].join('.');

  for (const token of [undefined, own, other.made, changed]) await refused(PROVIDERS.alone, token);
});

test('a revoked JWT access token holds for who never calls back, and is dead to who asks', async () => {
  const { made } = await tokens(PROVIDERS.alone);
  const ask = async () => {
    const body = new URLSearchParams({ client_id: 'alone', client_secret: SECRET, token: made });
    const answer = await fetch(`${hub.issuer}/token/introspection`, { method: 'POST', body });
    return answer.json();
  };
  assert.equal((await ask()).active, true);

  await oidc.tokenRevocation(service.config, made);

  assert.deepEqual(await ask(), { active: false });
  assert.equal((await call(PROVIDERS.alone, made)).status, 200, 'until exp');
});

/** What FranceConnect's data providers send, and how they read the answer. */
async function checkToken(token, client_secret = SECRET) {
  const body = new URLSearchParams({ client_id: 'moved', client_secret, token });
  const answer = await fetch(`${hub.issuer}/checktoken`, { method: 'POST', body });
  if (!answer.ok) return { answer, body: await answer.json() };

  const { plaintext, protectedHeader: sealed } = await jose.compactDecrypt(await answer.text(), opens.privateKey);
  const keys = jose.createRemoteJWKSet(new URL(service.config.serverMetadata().jwks_uri));
  const { payload, protectedHeader: signed } = await jose.jwtVerify(new TextDecoder().decode(plaintext), keys, {
    issuer: hub.issuer, audience: 'moved', typ: 'token-introspection+jwt', requiredClaims: ['iat'],
  });
  return { answer, sealed, signed, payload };
}

test('a data provider of FranceConnect\'s checks a token as it did there', async () => {
  const { made } = await tokens(PROVIDERS.moved, { acr_values: 'eidas2' });

  const { answer, sealed, signed, payload } = await checkToken(made);

  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), JWT);
  assert.deepEqual([sealed.alg, sealed.enc, sealed.kid], ['ECDH-ES', 'A256GCM', 'opens']);
  assert.equal(signed.alg, 'RS256');
  const { token_introspection: told } = payload;
  assert.equal(told.active, true);
  assert.equal(told.iss, hub.issuer);
  assert.equal(told.aud, PROVIDERS.moved.resource);
  assert.equal(told.scope, 'moved_revenu');
  assert.equal(told.acr, 'eidas2');
  assert.equal(told.family_name, 'LEFÈVRE');
  assert.match(told.sub, SUB);
});

test('a data provider of FranceConnect\'s is told of a dead token that it is dead, and no more', async () => {
  const { own, made } = await tokens(PROVIDERS.moved);
  await oidc.tokenRevocation(service.config, made);

  for (const token of ['a-token-of-nobody', own, made]) {
    const { payload } = await checkToken(token);
    assert.deepEqual(payload.token_introspection, { active: false });
  }
});

test('a data provider of FranceConnect\'s with a wrong secret is told nothing', async () => {
  const { answer, body } = await checkToken('a-token-of-nobody', 'another-secret');

  assert.equal(answer.status, 401);
  assert.equal(body.error, 'invalid_client');
});
