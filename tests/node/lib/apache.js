// Apache httpd as Debian packages it, on a configuration of the test's own: the machine's stays as it is.

import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { failIfEnded, start, until } from './children.js';

const APACHE = process.env.APACHE ?? '/usr/sbin/apache2';
const MODULES = process.env.APACHE_MODULES ?? '/usr/lib/apache2/modules';
const NEEDED = ['mpm_event', 'authn_core', 'authz_core'];
// Root's Apache takes another account once it runs, and would no longer end with this process.
const NOBODY = 65534;

/** Runs Apache at `port` with `modules`, by their names, and `directives`. */
export async function apache(scope, { port, modules, directives }) {
  const directory = await mkdtemp(join(tmpdir(), 'lethe-apache-'));
  scope.after(() => rm(directory, { recursive: true, force: true }));
  const [file, log] = [join(directory, 'httpd.conf'), join(directory, 'error.log')];
  const load = [...NEEDED, ...modules]
    .map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`);
  await writeFile(file, `ServerRoot ${directory}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
DefaultRuntimeDir ${directory}
PidFile ${directory}/pid
Mutex pthread
ErrorLog ${log}
${load.join('\n')}
${directives}`);

  const account = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (account.uid) await chown(directory, account.uid, account.gid);
  // One process in the foreground: when it ends, nothing of it is left.
  const running = start(scope, APACHE, ['-X', '-f', file], { cwd: directory, ...account });
  try {
    await until('apache2', () => {
      failIfEnded(running, 'apache2');
      return fetch(`http://127.0.0.1:${port}`);
    });
  } catch (fault) {
    fault.message += `\n${await readFile(log, 'utf8').catch(() => '')}`;
    throw fault;
  }
}
