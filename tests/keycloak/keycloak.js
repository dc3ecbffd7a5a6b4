// A Keycloak of the test's own: the distribution that run.sh has made ready, with its data in a
// directory that goes when the test does.

import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { failIfEnded, freePort, start, until } from '../node/lib/children.js';

const { KEYCLOAK } = process.env;
const ADMIN = 'tests';
const JAVA = [
  // Half a gigabyte, and the quick compiler alone: this Keycloak lives for a minute.
  '-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData',
  '-Duser.language=en', '-Duser.country=US', '-Dfile.encoding=UTF-8',
  '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
  '-Dpicocli.disable.closures=true',
  ...['util', 'util.concurrent', 'security', 'lang'].map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`),
];

/** Where a Keycloak will answer: known before it runs, since the hub has to be told. */
export async function place() {
  const port = await freePort();
  // A site of its own beside the hub's 127.0.0.1.
  return { port, url: `http://localhost:${port}` };
}

/**
 * Runs a Keycloak at `at`; it ends with `scope`. It is the Java program that `kc.sh start` runs, without
 * the shell between, so that ending what was started ends all of it.
 */
export async function keycloak(scope, { port, url }) {
  const home = await mkdtemp(join(tmpdir(), 'lethe-keycloak-'));
  for (const part of ['conf', 'lib', 'providers', 'themes']) {
    await symlink(join(KEYCLOAK, part), join(home, part));
  }
  await mkdir(join(home, 'tmp'));
  const secret = randomUUID();
  const running = start(scope, 'java', [
    ...JAVA,
    `-Dkc.home.dir=${home}`,
    `-Djboss.server.config.dir=${join(home, 'conf')}`,
    `-Djava.io.tmpdir=${join(home, 'tmp')}`,
    '-cp', join(KEYCLOAK, 'lib', 'quarkus-run.jar'), 'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
    'start', '--optimized',
    '--http-enabled=true', '--http-host=127.0.0.1', `--http-port=${port}`, `--hostname=${url}`,
    // One node alone: no port is opened for others.
    '--cache=local',
    `--bootstrap-admin-client-id=${ADMIN}`, `--bootstrap-admin-client-secret=${secret}`,
  ], { cwd: home });
  scope.after(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  await until('Keycloak', async () => {
    failIfEnded(running, 'Keycloak');
    return (await fetch(`${url}/realms/master`)).ok;
  }, { within: 90_000, every: 200 }).catch((fault) => {
    throw new Error(`${fault.message}\n${running.out.slice(-3_000)}`, { cause: fault });
  });
  return new Keycloak(url, secret);
}

/** A Keycloak that runs, and what its administrator does there. */
class Keycloak {
  #secret;

  constructor(url, secret) {
    this.url = url;
    this.#secret = secret;
  }

  /** The issuer of a realm. */
  realm(name) {
    return `${this.url}/realms/${name}`;
  }

  /** One call of the admin REST API; `path` begins after `/admin/realms`. */
  async admin(method, path, body) {
    const answer = await fetch(`${this.url}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#token()}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  async #token() {
    const body = new URLSearchParams({
      grant_type: 'client_credentials', client_id: ADMIN, client_secret: this.#secret,
    });
    const answer = await fetch(`${this.realm('master')}/protocol/openid-connect/token`, { method: 'POST', body });
    const { access_token } = await answer.json();
    return access_token;
  }

  /** Makes a realm of a file, with the attributes of the civil status in its user profile. */
  async create(file, places) {
    const realm = JSON.parse(await filled(file, places));
    await this.admin('POST', '', realm);
    await this.admin('PUT', `/${realm.realm}/users/profile`, JSON.parse(await filled('realms/user-profile.json')));
  }

  /**
   * Makes the hub at `issuer` an identity provider of `realm`, as an administrator does: the addresses
   * from its discovery document, the rest from a file.
   */
  async broker(realm, file, issuer) {
    const discovered = await this.admin('POST', `/${realm}/identity-provider/import-config`, {
      providerId: 'oidc', fromUrl: `${issuer}/.well-known/openid-configuration`,
    });
    const settings = JSON.parse(await filled(file));
    for (const provider of settings.identityProviders) provider.config = { ...discovered, ...provider.config };
    await this.admin('POST', `/${realm}/partialImport`, { ifResourceExists: 'FAIL', ...settings });
  }
}

/** The text of a file beside this one; each `${NAME}` in it is filled in from `places`. */
export async function filled(name, places = {}) {
  const text = await readFile(new URL(name, import.meta.url), 'utf8');
  return Object.entries(places).reduce((text, [name, value]) => text.replaceAll(`\${${name}}`, value), text);
}
