// What every page of the hub owes: nothing broken, nothing heavy, nothing that tells others.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { launch, visit } from '../lib/chromium.js';
import { demo, serve } from '../lib/hub.js';
import { choose, decline, identify, onward, result, toChoice, toReview } from '../lib/walk.js';

const world = await demo({ after });
const browser = await launch({ after });
const { mairie, mutuelle } = world.services;

test('no page complains: no error of a script or a policy, no request that fails, none to elsewhere', async (t) => {
  const { page, complaints } = await visit(t, browser);
  const ours = [world.issuer, ...Object.values(world.services), ...Object.values(world.idps)];
  const elsewhere = [];
  page.on('request', (request) => {
    if (!ours.some((site) => request.url().startsWith(`${site}/`))) elsewhere.push(request.url());
  });
  const settled = () => page.waitForLoadState('networkidle');

  await toChoice(page, mutuelle);
  await settled();
  await page.getByText('Qu’est-ce que cette page ?').click();
  await choose(page, 'Boussole');
  await decline(page);
  await settled();
  await choose(page, 'Citadelle');
  await identify(page, 'sosefo');
  await settled();
  await page.locator('input[name=consent]').evaluate((input) => input.removeAttribute('required'));
  await onward(page).click();
  await page.getByRole('alert').waitFor();
  await settled();
  await page.locator('input[name=consent]').check();
  await onward(page).click();
  await result(page, mutuelle);
  await page.goto(`${world.issuer}/authorize?client_id=nobody`);
  assert.match(await page.locator('main').innerText(), /L2001/);
  await settled();

  assert.deepEqual(elsewhere, []);
  complaints.none(({ where, what }) => where.endsWith('?client_id=nobody') && /\b400\b/.test(what));
});

test('every answer of the hub holds the browser to our own style sheet, and keeps itself to itself', async (t) => {
  const { page } = await visit(t, browser);
  const documents = [];
  page.on('response', (response) => {
    const request = response.request();
    const isPage = request.isNavigationRequest() && response.url().startsWith(world.issuer);
    if (isPage) documents.push(response);
  });
  await toReview(page, mairie);
  await onward(page).click();
  await result(page, mairie);

  const shown = documents.filter((response) => response.status() === 200);
  assert.equal(shown.length, 3, 'choice, review, leaving');
  for (const response of documents) {
    const headers = await response.allHeaders();
    const place = new URL(response.url()).pathname;
    assert.equal(headers['cache-control'], 'no-store', place);
    assert.equal(headers['referrer-policy'], 'no-referrer', place);
    assert.equal(headers['x-content-type-options'], 'nosniff', place);
  }
  for (const response of shown) {
    const policy = (await response.allHeaders())['content-security-policy'];
    assert.match(policy, /^default-src 'none'; style-src 'self'; img-src 'self'; /);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*/);
  }
});

test('neither the provider nor the service is told where the citizen comes from', async (t) => {
  const { page } = await visit(t, browser);
  const outside = [];
  page.on('request', (request) => {
    const isOutside = request.isNavigationRequest() && !request.url().startsWith(world.issuer);
    if (isOutside) outside.push(request);
  });
  await toReview(page, mairie);
  await onward(page).click();
  await result(page, mairie);

  const at = (site) => outside.filter((request) => request.url().startsWith(site));
  const [front, signIn, ...rest] = at(mairie);
  assert.ok(front && signIn && rest.length === 1);
  const [arrivalAtProvider] = at(world.idps.boussole);
  for (const request of [arrivalAtProvider, rest[0]]) {
    const { referer } = await request.allHeaders();
    assert.equal(referer, undefined, new URL(request.url()).pathname);
  }
  const told = (site, name, other) => {
    const addresses = at(site).map((request) => decodeURIComponent(request.url())).join(' ');
    return addresses.includes(name) || addresses.includes(new URL(other).host);
  };
  assert.ok(!told(world.idps.boussole, 'mairie', mairie), 'the provider');
  assert.ok(!told(mairie, 'boussole', world.idps.boussole), 'the service');
});

test('C27 the choice weighs less than 30 kB, and takes at most five requests', async (t) => {
  const { page, context } = await visit(t, browser);
  const load = await scales(context, page);
  await toChoice(page, mairie);

  await weighs(load, page, { bytes: 30_000, requests: 5 });
});

test('C27 a choice of eight providers still weighs less than 30 kB', async (t) => {
  const ids = ['ardoise', 'boussole', 'citadelle', 'dune', 'estran', 'falaise', 'gabian', 'houle'];
  // Nobody is asked before the citizen leaves.
  const nobody = { issuer: 'http://127.0.0.1:9', client_id: 'lethe', secret: 'unused' };
  const hub = await serve(t, {
    services: [{ client_id: 'cantine', secret: 'unused', redirect_uris: ['http://127.0.0.1/retour'] }],
    idps: ids.map((id) => ({ ...nobody, id, title: `Fournisseur ${id}` })),
  });
  const { page, context } = await visit(t, browser);
  const load = await scales(context, page);
  const asked = new URLSearchParams({
    response_type: 'code',
    client_id: 'cantine',
    redirect_uri: 'http://127.0.0.1/retour',
    scope: 'openid',
    state: 'any',
    code_challenge: 'A'.repeat(43),
    code_challenge_method: 'S256',
  });
  await page.goto(`${hub.issuer}/authorize?${asked}`);

  assert.equal(await page.locator('a.idp').count(), 8);
  await weighs(load, page, { bytes: 30_000, requests: 5 });
});

test('C27 the review weighs less than 20 kB, even to a browser that has kept nothing', async (t) => {
  const { page, context } = await visit(t, browser);
  await toChoice(page, mutuelle);
  await choose(page, 'Boussole');
  const load = await scales(context, page);
  await identify(page);

  await weighs(load, page, { bytes: 20_000, requests: 6 });
});

/** Counts what the hub sends to a window from now on, with nothing from the browser's cache. */
async function scales(context, page) {
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  const sent = new Map();
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    sent.set(requestId, { ...sent.get(requestId), url: request.url });
  });
  session.on('Network.responseReceived', ({ requestId, response }) => {
    sent.set(requestId, { ...sent.get(requestId), url: response.url });
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    sent.set(requestId, { ...sent.get(requestId), bytes: encodedDataLength });
  });
  return sent;
}

async function weighs(sent, page, most) {
  await page.waitForLoadState('networkidle');
  const { origin } = new URL(page.url());
  const parts = [...sent.values()].filter(({ url, bytes }) => url.startsWith(origin) && bytes);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const list = parts.map((part) => `${part.bytes} ${new URL(part.url).pathname.slice(0, 40)}`).join(', ');
  assert.ok(parts.some(({ url }) => url.endsWith('.css')), `the style sheet is on the scales: ${list}`);
  assert.ok(bytes < most.bytes, `${bytes} bytes: ${list}`);
  assert.ok(parts.length <= most.requests, list);
}

test('a theme changes colours and the mark, and no policy complains', async (t) => {
  const logo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>';
  const hub = await serve(t, {
    services: [{ client_id: 'cantine', secret: 'unused', redirect_uris: ['http://127.0.0.1/retour'] }],
    files: {
      'theme/theme.css': ':root { --accent: #7a1f3d } .brand::before { background: url(logo.svg) }',
      'theme/logo.svg': logo,
    },
  });
  const { page, complaints } = await visit(t, browser);
  const pictures = [];
  page.on('response', (answer) => {
    if (answer.url().endsWith('/logo.svg')) pictures.push(answer.status());
  });

  await page.goto(`${hub.issuer}/about`);

  assert.equal(await page.locator('.brand').evaluate((mark) => getComputedStyle(mark).color), 'rgb(122, 31, 61)');
  assert.deepEqual(pictures, [200]);
  complaints.none();
});
