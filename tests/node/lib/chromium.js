// A real browser: Debian's Chromium, driven from outside.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

const SETTINGS = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
const PATIENCE = 15_000;

/** Starts Chromium; it ends with `scope`. */
export async function launch(scope) {
  const browser = await chromium.launch(SETTINGS);
  scope.after(() => browser.close());
  return browser;
}

/** A citizen's own window: no cookie, no cache, French unless said otherwise. It closes with the test. */
export async function visit(t, browser, options = {}) {
  const context = await browser.newContext({ locale: 'fr-FR', ...options });
  t.after(() => context.close());
  return inside(context);
}

/** A citizen whose browser refuses every cookie, by its own settings. */
export async function visitWithoutCookies(t) {
  const profile = await mkdtemp(join(tmpdir(), 'lethe-chromium-'));
  let context;
  t.after(async () => {
    await context?.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const block = { profile: { default_content_setting_values: { cookies: 2 } } };
  await mkdir(join(profile, 'Default'));
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(block));
  context = await chromium.launchPersistentContext(profile, { ...SETTINGS, locale: 'fr-FR' });
  return inside(context);
}

async function inside(context) {
  context.setDefaultTimeout(PATIENCE);
  const complaints = new Complaints(context);
  const page = await context.newPage();
  return { context, page, complaints };
}

/** What the browser complains of while pages load: errors of scripts and policies, failed requests. */
export class Complaints {
  #heard = [];

  constructor(context) {
    context.on('console', (message) => {
      const isComplaint = ['error', 'warning'].includes(message.type());
      if (isComplaint) this.#hear('console', message.text(), message.location().url);
    });
    context.on('weberror', (fault) => this.#hear('script', fault.error().message, ''));
    context.on('requestfailed', (request) => {
      const { errorText } = request.failure();
      // Whoever leaves a page abandons what it was still fetching.
      if (errorText !== 'net::ERR_ABORTED') this.#hear('request', errorText, request.url());
    });
    context.on('response', (response) => {
      if (response.status() >= 400) this.#hear('status', `${response.status()}`, response.url());
    });
  }

  #hear(kind, what, where) {
    this.#heard.push({ kind, what, where });
  }

  /** There were none, but those that `expected` lets pass. The demonstration's own pages have no icon. */
  none(expected = () => false) {
    const isIcon = ({ where }) => where.endsWith('/favicon.ico');
    assert.deepEqual(this.#heard.filter((one) => !isIcon(one) && !expected(one)), []);
  }
}
