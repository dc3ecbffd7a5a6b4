// Any application behind oauth2-proxy.

import { existsSync } from 'node:fs';
import { after, test } from 'node:test';
import { join } from 'node:path';

import { api } from '../node/lib/api.js';
import { freePort } from '../node/lib/children.js';
import { LIBRARIES, registered, write } from './lib/registered.js';
import { run, suite } from './lib/suite.js';

const PROXY = join(LIBRARIES, 'oauth2-proxy');

if (!existsSync(PROXY)) {
  test('oauth2-proxy', { skip: 'it could not be built here: it takes a newer Go' }, () => {});
} else {
  const scope = { after };
  const service = await registered(scope, 'oauth2-proxy');
  const behind = await freePort();
  await api(scope, behind, async ({ headers }) => {
    const account = headers.get('x-forwarded-user');
    return Response.json({ account, sub: account, claims: { email: headers.get('x-forwarded-email') } });
  });
  const own = `
http_address = "127.0.0.1:${service.port}"
upstreams = ["http://127.0.0.1:${behind}/"]
cookie_secret = "0123456789abcdef0123456789abcdef"
cookie_secure = false
`;
  await write(service.directory, { 'proxy.cfg': service.files['oauth2-proxy.cfg'] + own });
  service.running = await run(scope, service, [PROXY, '--config', 'proxy.cfg']);

  suite('oauth2-proxy', { ...service, login: '' }, { named: false });
}
