// The hub, as its one binary runs it.

import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { failIfEnded, freePort, start, until } from './children.js';
import { redis } from './redis.js';
import { toml } from './toml.js';

/** The binary. */
export const LETHE = process.env.LETHE
  ?? fileURLToPath(new URL('../../../target/debug/lethe', import.meta.url));

/** Runs `lethe demo` on a Redis of its own: `{ issuer, services, idps }`, each by its id. `more` are further words. */
export async function demo(scope, more = []) {
  const store = await redis(scope);
  const running = start(scope, LETHE, ['demo', '--port', '0', '--json', '--store', store, ...more]);
  const line = await until('lethe demo', () => {
    failIfEnded(running, 'lethe demo');
    const end = running.out.indexOf('\n');
    return end < 0 ? undefined : running.out.slice(0, end);
  });
  const world = JSON.parse(line);
  await answering(world.issuer, running);
  return world;
}

/**
 * Runs `lethe serve` on a configuration of its own. `services`, `idps` and `dataProviders` are
 * entries as the hub's files have them; a `secret` of theirs is put where the hub looks for it.
 * `files` are further ones as they are, by their names under the configuration's directory.
 */
export async function serve(scope, {
  port, services = [], idps = [], dataProviders = [], store = 'memory', session, mail, notices, files = {},
}) {
  const directory = await mkdtemp(join(tmpdir(), 'lethe-'));
  scope.after(() => rm(directory, { recursive: true, force: true }));
  const listen = `127.0.0.1:${port ?? await freePort()}`;
  const issuer = `http://${listen}`;
  await promisify(execFile)(LETHE, ['keys', 'new', '--config', directory]);

  const folders = ['services', 'idps', 'data-providers', 'secrets', 'theme'];
  for (const folder of folders) await mkdir(join(directory, folder));
  // Secrets are among them, and the hub refuses one that others can read.
  const write = (name, text) => writeFile(join(directory, name), text, { mode: 0o600 });
  await write('hub.toml', toml({ issuer, listen, store, workers: 2, session, mail, notices }));
  for (const [order, service] of services.entries()) {
    await write(`services/${order}.toml`, toml(serviceEntry(service)));
  }
  for (const idp of idps) {
    if (idp.secret) await write(`secrets/${idp.id}`, idp.secret);
    await write(`idps/${idp.id}.toml`, toml(idpEntry(idp)));
  }
  for (const provider of dataProviders) {
    await write(`data-providers/${provider.id}.toml`, toml(dataProviderEntry(provider)));
  }
  for (const [name, text] of Object.entries(files)) await write(name, text);

  const running = start(scope, LETHE, ['serve', '--config', directory]);
  await answering(issuer, running);
  return { issuer, running };
}

async function answering(issuer, running) {
  await until('the hub', async () => {
    failIfEnded(running, 'lethe');
    const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
    return answer.ok && (await answer.json()).issuer === issuer;
  });
}

/** A sandbox entry around what the test says of its service. */
function serviceEntry({ secret, jwks, ...said }) {
  const authentication = proof({ secret, jwks }) ?? { method: 'none' };
  return {
    name: said.client_id,
    organisation: 'Ville de Port-Lagon',
    eligibility: 'public-body',
    status: 'sandbox',
    kind: 'public',
    service_url: new URL('/', said.redirect_uris[0]).href,
    sector: 'port-lagon.example',
    scopes: ['openid', 'identite_pivot', 'preferred_username', 'email'],
    authentication,
    ...said,
  };
}

/** A data provider's entry around what the test says of it; `encryption` are the keys it opens answers with. */
function dataProviderEntry({ secret, jwks, encryption, ...said }) {
  return {
    name: said.id,
    environment: 'test',
    sector: `${said.id}.example`,
    encryption: encryption && { jwks: JSON.stringify(encryption) },
    authentication: proof({ secret, jwks }),
    ...said,
  };
}

/** How a client shows who it is: by its secret, or by its keys. */
function proof({ secret, jwks }) {
  if (secret) {
    const digest = createHash('sha256').update(secret).digest('hex');
    return { method: 'secret', secret_digests: [`sha256:${digest}`] };
  }
  return jwks && { method: 'private_key_jwt', jwks: JSON.stringify(jwks) };
}

/** A test IdP's entry around what the test says of it. */
function idpEntry({ secret, method = 'client_secret_basic', ...said }) {
  return {
    title: 'Boussole',
    environment: 'test',
    scopes: ['openid', 'profile', 'birth', 'email'],
    acr_values: 'eidas2',
    pivot: 'verified',
    private_network: true,
    authentication: { method, secret: secret && `file:secrets/${said.id}` },
    levels: {
      ceiling: 'eidas2',
      table: { eidas1: 'eidas1', eidas2: 'eidas2', eidas3: 'eidas3' },
    },
    ...said,
  };
}
