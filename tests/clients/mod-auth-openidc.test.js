// Any application behind Apache with mod_auth_openidc, as Debian packages it.

import assert from 'node:assert/strict';
import { after } from 'node:test';

import { api } from '../node/lib/api.js';
import { apache } from '../node/lib/apache.js';
import { freePort } from '../node/lib/children.js';
import { registered } from './lib/registered.js';
import { suite } from './lib/suite.js';

/** The front page is for everybody, and the redirect address has no page. */
const around = (recipe, backend) => `${recipe}
<LocationMatch "^/$">
  AuthType none
  Require all granted
</LocationMatch>
# The browser of these tests is a script, and says so; the module sends scripts nowhere.
RequestHeader unset Sec-Fetch-Mode early
RequestHeader set X-Account expr=%{REMOTE_USER}
ProxyPass /oidc/callback !
ProxyPass / ${backend}/
`;

const scope = { after };
const service = await registered(scope, 'mod-auth-openidc');
const behind = await freePort();
await api(scope, behind, async ({ url, headers }) => {
  if (new URL(url).pathname !== '/me') return new Response('front page');
  const claim = (name) => Buffer.from(headers.get(`oidc_claim_${name}`) ?? '', 'latin1').toString();
  const claims = { family_name: claim('family_name'), email: claim('email') };
  return Response.json({ account: headers.get('x-account'), sub: claim('sub'), claims });
});
const recipe = service.files['lethe.conf'];
assert.match(recipe, /OIDCRemoteUserClaim sub/);
await apache(scope, {
  port: service.port,
  modules: ['authz_user', 'headers', 'proxy', 'proxy_http', 'auth_openidc'],
  directives: around(recipe, `http://127.0.0.1:${behind}`),
});

suite('mod_auth_openidc', { ...service, login: 'me' }, {
  logout: (citizen, { url }) => citizen.open(`${url}oidc/callback?logout=${encodeURIComponent(url)}`),
});
