// A hub that knows one service, whose entry and configuration are those that `lethe sp new` made.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { freePort } from '../../node/lib/children.js';
import { LETHE, serve } from '../../node/lib/hub.js';
import { PEOPLE, place, provider } from '../../node/lib/provider.js';

// Angela's husband: they read their mail at one address.
PEOPLE.marc = {
  sub: 'compte-9d20-1377',
  given_name: 'Marc',
  family_name: 'ARNAUD',
  gender: 'male',
  birthdate: '1959-02-11',
  birthplace: '75107',
  birthcountry: '99100',
  email: PEOPLE.angela.email,
  email_verified: true,
};

const SECRET = 'the-secret-of-the-hub-at-boussole';
/** Where run.sh put the libraries. */
export const LIBRARIES = fileURLToPath(new URL('../../../target/clients', import.meta.url));

/**
 * Registers a service with `lethe sp new --client NAME`, and starts a hub and a provider for it. `files`
 * are those that the command printed, by name; `directory` is a folder in which the Node.js libraries are
 * found.
 */
export async function registered(scope, name, more = []) {
  const [port, own] = [await freePort(), await freePort()];
  const [issuer, url] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${own}/`];
  const scratch = await mkdtemp(join(tmpdir(), 'lethe-client-'));
  scope.after(() => rm(scratch, { recursive: true, force: true }));
  await writeFile(join(scratch, 'hub.toml'), `issuer = "${issuer}"\n`);
  const words = ['sp', 'new', name, '--config', scratch, '--name', name, '--url', url, '--client', name,
    '--scope', 'profile', '--scope', 'email', ...more];
  const { stdout } = await promisify(execFile)(LETHE, words);
  const entry = await readFile(join(scratch, 'services', `${name}.toml`), 'utf8');

  const { issuer: idp, ...at } = await place();
  const client = {
    client_id: 'lethe',
    client_secret: SECRET,
    redirect_uris: [`${issuer}/callback/boussole`],
    id_token_signed_response_alg: 'ES256',
  };
  await provider(scope, { issuer: idp, ...at }, { client });
  const boussole = { id: 'boussole', issuer: idp, client_id: client.client_id, secret: SECRET };
  await serve(scope, { port, session: {}, idps: [boussole], files: { [`services/${name}.toml`]: entry } });

  await mkdir(join(LIBRARIES, 'apps'), { recursive: true });
  const directory = await mkdtemp(join(LIBRARIES, 'apps', `${name}-`));
  scope.after(() => rm(directory, { recursive: true, force: true }));
  return { issuer, url, port: own, directory, files: printed(stdout) };
}

/** The files that the command printed, by name. */
function printed(text) {
  const parts = text.split(/^--- /m).slice(1);
  return Object.fromEntries(parts.map((part) => {
    const end = part.indexOf('\n');
    return [part.slice(0, end), part.slice(end + 1)];
  }));
}

/** Writes `files` into the application's folder. */
export async function write(directory, files) {
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
}
