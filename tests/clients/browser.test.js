// A page without a server, with oidc-client-ts, in a real browser.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { join } from 'node:path';

import { api } from '../node/lib/api.js';
import { launch, visit } from '../node/lib/chromium.js';
import { onward } from '../node/lib/walk.js';
import { LIBRARIES, registered } from './lib/registered.js';

const PAGE = `<!doctype html>
<html lang="en"><head><title>Library</title><link rel="icon" href="data:,">
<script type="importmap">
{ "imports": { "oidc-client-ts": "/oidc-client-ts.js", "jwt-decode": "/jwt-decode.js" } }
</script></head>
<body><button id="in">Sign in</button> <button id="out">Sign out</button> <pre id="profile"></pre>
<script type="module">
import { users } from '/lethe.js';
if (location.pathname === '/callback') {
  await users.signinRedirectCallback();
  history.replaceState(null, '', '/');
}
document.querySelector('#in').onclick = () => users.signinRedirect();
document.querySelector('#out').onclick = () => users.signoutRedirect();
const user = await users.getUser();
document.querySelector('#profile').textContent = JSON.stringify(user?.profile ?? {});
document.body.dataset.ready = 'yes';
</script></body></html>`;

const scope = { after };
const service = await registered(scope, 'browser');
const library = (path) => readFile(join(LIBRARIES, 'node_modules', path), 'utf8');
const scripts = {
  '/lethe.js': service.files['lethe.js'],
  '/oidc-client-ts.js': await library('oidc-client-ts/dist/esm/oidc-client-ts.js'),
  '/jwt-decode.js': await library('jwt-decode/build/esm/index.js'),
};
await api(scope, service.port, async ({ url }) => {
  const script = scripts[new URL(url).pathname];
  const kind = script ? 'text/javascript' : 'text/html';
  return new Response(script ?? PAGE, { headers: { 'content-type': `${kind}; charset=utf-8` } });
});
const browser = await launch(scope);

/** From the page's button to what the page knows. */
async function signIn(t, person) {
  const { page, complaints } = await visit(t, browser);
  await page.goto(service.url);
  await page.locator('#in').click();
  await page.getByRole('link', { name: 'Boussole' }).click();
  await page.getByLabel('Compte').fill(person);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await onward(page).click();
  await page.waitForURL(service.url);
  await page.locator('body[data-ready]').waitFor();
  complaints.none();
  return { page, profile: JSON.parse(await page.locator('#profile').innerText()) };
}

/** What a script of the page at `origin` gets to read of the hub's answer to a spent code. */
async function readError(t, origin) {
  const { page } = await visit(t, browser);
  await page.goto(origin);
  const fields = { grant_type: 'authorization_code', client_id: 'browser', code: 'spent', redirect_uri: 'x' };
  const asked = [`${service.issuer}/token`, fields];
  return page.evaluate(async ([address, body]) => {
    try {
      const answer = await fetch(address, { method: 'POST', body: new URLSearchParams(body) });
      return { status: answer.status, ...await answer.json() };
    } catch (fault) {
      return { fault: fault.name };
    }
  }, asked);
}

test('a page without a server signs a citizen in with the configuration that the command prints', async (t) => {
  const { profile } = await signIn(t, 'angela');

  assert.match(profile.sub, /^p1\.[A-Za-z0-9_-]{43}$/);
  assert.equal(profile.family_name, 'DUBOIS');
});

test('a page without a server keeps two people with one e-mail address apart', async (t) => {
  const [{ profile: angela }, { profile: marc }] = [await signIn(t, 'angela'), await signIn(t, 'marc')];

  assert.equal(marc.email, angela.email);
  assert.notEqual(marc.sub, angela.sub);
});

test('a page without a server signs a citizen out at the hub too', async (t) => {
  const { page } = await signIn(t, 'angela');

  await page.locator('#out').click();
  await page.waitForURL(service.url);
  await page.locator('body[data-ready]').waitFor();

  assert.equal(await page.locator('#profile').innerText(), '{}');
  await page.locator('#in').click();
  // The hub asks anew.
  await page.getByRole('link', { name: 'Boussole' }).waitFor();
});

test('a script reads the hub\'s errors at its own origin, and nothing at another', async (t) => {
  const own = await readError(t, service.url);
  const other = await readError(t, service.url.replace('127.0.0.1', 'localhost'));

  assert.equal(own.status, 400);
  assert.equal(own.error, 'invalid_grant');
  assert.deepEqual(other, { fault: 'TypeError' });
});
