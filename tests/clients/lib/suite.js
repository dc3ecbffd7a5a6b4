// What every client has to do: sign a citizen in, keep two people with one e-mail address apart, and sign
// out at the hub.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { failIfEnded, start, until } from '../../node/lib/children.js';
import { Citizen } from '../../node/lib/citizen.js';
import { PEOPLE } from '../../node/lib/provider.js';

const SUB = /^p1\.[A-Za-z0-9_-]{43}$/;

/** Starts the service's program, and waits until it answers at `url`. */
export async function run(scope, { url, directory }, [command, ...args], env = {}) {
  const all = { ...process.env, SESSION_SECRET: 'a-session-secret-of-the-tests-alone', ...env };
  const running = start(scope, command, args, { cwd: directory, env: all });
  await until(command, () => {
    failIfEnded(running, command);
    return fetch(url, { redirect: 'manual' });
  }, { within: 90_000, every: 100 }).catch((fault) => {
    fault.message += `\n${running.out}\n${running.err}`;
    throw fault;
  });
  return running;
}

// The citizen goes wherever they are led: no address ends the walk.
const newCitizen = () => new Citizen({ home: 'https://nowhere.example/' });

/** From the service's sign-in address to where the service leads in the end. `submits` names a field of a
 * form of the service that begins the sign-in. */
async function signIn(citizen, { url, login, submits }, person) {
  const first = await citizen.open(new URL(login, url));
  const choice = submits ? await citizen.submit(first, submits) : first;
  const idp = await citizen.click(choice, 'idp/boussole');
  const review = await citizen.submit(idp, 'login', { login: person });
  return citizen.submit(review, 'token');
}

/** What the service knows of `person` after a sign-in in a browser of their own. */
export async function known(service, person) {
  const citizen = newCitizen();
  const arrival = await signIn(citizen, service, person);
  assert.ok(arrival.url.href.startsWith(service.url), `${arrival}`);
  const page = await citizen.open(new URL('me', service.url));
  assert.equal(page.status, 200, `${page}\n${service.running?.err ?? ''}`);
  return { citizen, ...JSON.parse(page.html) };
}

/**
 * The tests of one client. `service` has its `url`, the path `login` that begins a sign-in, and `me`, where
 * it says in JSON `{ account, sub, claims }` of who is signed in; `logout` makes a citizen sign out. Where
 * `named` is false the service learns no names.
 */
export function suite(name, service, { logout, named = true } = {}) {
  test(`${name} signs a citizen in with the configuration that the command prints`, async () => {
    const { sub, claims } = await known(service, 'angela');

    assert.match(sub, SUB);
    if (named) assert.equal(claims.family_name, 'DUBOIS');
    assert.equal(claims.sub ?? sub, sub);
  });

  test(`${name} keeps two people with one e-mail address apart, and finds each again`, async () => {
    const [angela, marc] = [await known(service, 'angela'), await known(service, 'marc')];
    const again = await known(service, 'angela');

    assert.equal(PEOPLE.marc.email, PEOPLE.angela.email);
    assert.notEqual(angela.account, marc.account);
    assert.notEqual(angela.sub, marc.sub);
    assert.equal(again.account, angela.account);
    if (!named) return;
    assert.equal(marc.claims.family_name, 'ARNAUD');
    assert.equal(marc.claims.email, angela.claims.email);
  });

  if (!logout) return;
  test(`${name} signs a citizen out at the hub too`, async () => {
    const { citizen } = await known(service, 'angela');

    const end = await logout(citizen, service);

    assert.equal(end.url.href, service.url, `${end}`);
    const next = await citizen.open(new URL(service.login, service.url));
    assert.match(next.url.pathname, /^\/login\//, 'the hub asks anew');
  });
}
