// Somebody else's identity provider: a certified server library around people who do not exist.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';

import { freePort } from './children.js';

// The library greets its developers with notices about settings and versions.
const { Provider } = await quietly(() => import('oidc-provider'));

/** Who has an account, by user name: the provider's own `sub`, and the pivot identity as it says it. */
export const PEOPLE = {
  angela: {
    sub: 'compte-4f1c-0451',
    given_name: 'Angela Claire Louise',
    family_name: 'DUBOIS',
    gender: 'female',
    birthdate: '1962-08-24',
    birthplace: '75107',
    birthcountry: '99100',
    email: 'angela@personne.example',
    email_verified: true,
  },
  zelie: {
    sub: 'compte-77b0-0919',
    given_name: 'Zélie Noëlle',
    family_name: 'LEFÈVRE',
    gender: 'female',
    birthdate: '1988-02-29',
    birthplace: '97209',
    birthcountry: '99100',
    email: 'zelie@personne.example',
    email_verified: true,
  },
};

/** How a provider speaks of its people: the claims behind each scope, and what it says of one. */
const PLAIN = {
  claims: {
    profile: ['given_name', 'family_name', 'gender', 'birthdate', 'preferred_username'],
    birth: ['birthplace', 'birthcountry'],
    email: ['email', 'email_verified'],
  },
  say: (person) => person,
  pkce: true,
};

/** Fresh private keys, one for each algorithm that the hub takes. */
export function freshKeys() {
  // Encoded while it is made: exporting an RSA key afterwards hangs Node.js 20 now and then.
  const privateKeyEncoding = { format: 'jwk' };
  const make = (alg, type, options) => ({
    ...generateKeyPairSync(type, { ...options, privateKeyEncoding }).privateKey,
    kid: randomUUID(),
    use: 'sig',
    alg,
  });
  return [
    make('ES256', 'ec', { namedCurve: 'P-256' }),
    make('RS256', 'rsa', { modulusLength: 2048 }),
    make('PS256', 'rsa', { modulusLength: 2048 }),
    make('EdDSA', 'ed25519', {}),
  ];
}

/** The keys of every provider that is not asked to have others: making them takes time. */
let usual;

/** Where a provider will answer: known before it runs, since the hub has to be told. */
export async function place({ host = '127.0.0.1' } = {}) {
  const port = await freePort();
  return { port, issuer: `http://${host}:${port}` };
}

/**
 * Runs a provider at `at`, with the hub as its one client. `client` is the hub's registration there,
 * `acr` the level that its people reach, `tongue` how it speaks of them. `seen` fills with the requests that arrive.
 */
export async function provider(scope, at, {
  client,
  keys = usual ??= freshKeys(),
  acr = 'eidas2',
  tongue = PLAIN,
}) {
  const oidc = await quietly(() => new Provider(at.issuer, configuration(client, keys, tongue)));
  const seen = [];
  oidc.use(async (ctx, next) => {
    await next();
    ctx.req.seen.body = ctx.oidc?.body;
  });
  const answer = oidc.callback();
  const server = createServer((req, res) => {
    const { method, url, headers } = req;
    req.seen = { method, url, headers };
    seen.push(req.seen);
    const meet = req.url.startsWith('/interaction/') ? interaction(oidc, acr) : answer;
    Promise.resolve(meet(req, res)).catch((fault) => {
      res.statusCode = 500;
      res.end(fault.message);
    });
  });
  server.listen(at.port, '127.0.0.1');
  await once(server, 'listening');

  const stop = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  scope.after(stop);
  return { ...at, seen, stop };
}

function configuration(client, keys, tongue) {
  return {
    clients: [{
      application_type: 'web',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      ...client,
    }],
    jwks: { keys },
    scopes: ['openid', ...Object.keys(tongue.claims)],
    claims: {
      openid: ['sub'],
      ...tongue.claims,
      acr: null,
      auth_time: null,
      iss: null,
    },
    acrValues: ['eidas1', 'eidas2'],
    pkce: { required: () => tongue.pkce ?? true },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
    cookies: { keys: [randomUUID()] },
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256', 'RS256', 'PS256', 'EdDSA'],
      userinfoSigningAlgValues: ['ES256', 'RS256', 'PS256', 'EdDSA'],
      clientAuthSigningAlgValues: ['ES256'],
      idTokenEncryptionAlgValues: ['ECDH-ES', 'RSA-OAEP-256'],
      idTokenEncryptionEncValues: ['A256GCM', 'A128CBC-HS256'],
      userinfoEncryptionAlgValues: ['ECDH-ES', 'RSA-OAEP-256'],
      userinfoEncryptionEncValues: ['A256GCM', 'A128CBC-HS256'],
    },
    features: {
      devInteractions: { enabled: false },
      encryption: { enabled: true },
      jwtUserinfo: { enabled: true },
    },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    // The library keeps off private networks, and here the hub's keys are on the loopback.
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
    findAccount(_, sub) {
      const person = Object.values(PEOPLE).find((person) => person.sub === sub);
      return person && { accountId: sub, claims: () => tongue.say(person) };
    },
    // Who signs in here agrees to hand on what is asked: the hub asks its own question.
    async loadExistingGrant({ oidc: { provider, client, session, requestParamScopes } }) {
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope([...requestParamScopes].join(' '));
      await grant.save();
      return grant;
    },
  };
}

/** The sign-in page, and what its two buttons do. */
function interaction(oidc, acr) {
  return async (req, res) => {
    const alone = { mergeWithLastSubmission: false };
    const finish = (result) => oidc.interactionFinished(req, res, result, alone);
    if (req.method === 'GET') {
      res.setHeader('content-type', 'text/html; charset=utf-8');
      const { uid } = await oidc.interactionDetails(req, res);
      res.end(signInPage(uid));
      return;
    }
    const sent = new URLSearchParams(Buffer.concat(await req.toArray()).toString());
    if (sent.has('decline')) {
      await finish({ error: 'access_denied', error_description: 'the person said no' });
    } else {
      const accountId = PEOPLE[sent.get('login')].sub;
      await finish({ login: { accountId, acr, amr: ['pwd'], remember: false }, consent: {} });
    }
  };
}

function signInPage(uid) {
  const form = (fields, button) => `<form method="post" action="/interaction/${uid}">
${fields}<button>${button}</button></form>`;
  return `<!doctype html>
<html lang="fr"><head><title>Boussole</title><link rel="icon" href="data:,"></head>
<body><h1>Boussole</h1>
${form('<label>Compte <input name="login" value=""></label>', 'Se connecter')}
${form('<input type="hidden" name="decline" value="yes">', 'Refuser')}
</body></html>`;
}

async function quietly(make) {
  const { info, warn } = console;
  Object.assign(console, { info() {}, warn() {} });
  try {
    return await make();
  } finally {
    Object.assign(console, { info, warn });
  }
}
