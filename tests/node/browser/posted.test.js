// Answers that travel as posted forms (response_mode=form_post), between sites of their own, in a real
// browser: from the provider to the hub, and from the hub to the service.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { ClientSecretBasic } from 'openid-client';

import { launch, visit } from '../lib/chromium.js';
import { counter } from '../lib/counter.js';
import { Service } from '../lib/service.js';
import { world } from '../lib/world.js';

const browser = await launch({ after });

/** A world where both answers are posted, and the citizen in front of the review. */
async function atReview(t, { javaScriptEnabled }) {
  const { url, arrivals } = await counter(t);
  const redirect_uri = `${url}/retour`;
  const [client_id, secret] = ['guichet', 'a-plain-secret'];
  const { hub } = await world(t, {
    services: [{ client_id, secret, name: 'Guichet', redirect_uris: [redirect_uri] }],
    host: 'localhost',
    idp: { response_mode: 'form_post' },
  });
  const authentication = ClientSecretBasic(secret);
  const service = await Service.of(hub.issuer, { client_id, redirect_uri, authentication });
  const { page, complaints } = await visit(t, browser, { javaScriptEnabled });

  const asked = await service.ask({ response_mode: 'form_post' });
  await page.goto(asked.url.href);
  await page.getByRole('link', { name: 'Boussole' }).click();
  await page.getByLabel('Compte').fill('angela');
  await page.getByRole('button', { name: 'Se connecter' }).click();
  return { page, complaints, service, arrivals, redirect_uri, checks: asked.checks };
}

/** The tokens for the one answer that arrived. */
async function redeemed({ service, arrivals, redirect_uri, checks }) {
  const [{ method, url, headers, body }, ...others] = arrivals;
  assert.equal(others.length, 0, 'one answer');
  assert.equal(method, 'POST');
  assert.equal(url, '/retour', 'nothing of the answer is in the address');
  assert.equal(headers.referer, undefined, 'nor is the hub\'s page');
  const sent = { method, body, headers: { 'content-type': headers['content-type'] } };
  return service.redeem(new Request(redirect_uri, sent), checks);
}

test('with script, posted answers arrive by themselves', async (t) => {
  const met = await atReview(t, { javaScriptEnabled: true });
  await met.page.getByRole('button', { name: 'Continuer vers le service' }).click();
  await met.page.getByRole('heading', { name: 'Bienvenue au guichet' }).waitFor();

  const tokens = await redeemed(met);

  assert.match(tokens.claims().sub, /^p1\./);
  met.complaints.none();
});

test('without script, each posted answer takes one click', async (t) => {
  const met = await atReview(t, { javaScriptEnabled: false });
  await met.page.getByRole('button', { name: 'Continue' }).click();
  await met.page.getByRole('button', { name: 'Continuer vers le service' }).click();
  assert.equal(await met.page.getByRole('heading', { level: 1 }).innerText(), 'Retour au service – Guichet');
  await met.page.getByRole('button', { name: 'Continuer vers le service' }).click();
  await met.page.getByRole('heading', { name: 'Bienvenue au guichet' }).waitFor();

  const tokens = await redeemed(met);

  assert.match(tokens.claims().sub, /^p1\./);
  met.complaints.none();
});

test('a citizen who gives up is posted back to the service too', async (t) => {
  const { page, arrivals, checks, complaints } = await atReview(t, { javaScriptEnabled: true });
  await page.getByRole('link', { name: 'sans me connecter' }).click();
  await page.getByRole('heading', { name: 'Bienvenue au guichet' }).waitFor();

  const [{ method, body }] = arrivals;
  const sent = new URLSearchParams(body);
  assert.equal(method, 'POST');
  assert.equal(sent.get('error'), 'access_denied');
  assert.equal(sent.get('state'), checks.expectedState);
  complaints.none();
});
