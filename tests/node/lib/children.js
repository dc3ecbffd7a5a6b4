// Programs that a test starts, and what it waits for. Nothing started here outlives the test run.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Starts a program. It ends with `scope` (a test's context, or `{ after }` for a whole file), and on
 * Linux with this process too, however that ends.
 */
export function start(scope, command, args, options = {}) {
  const bound = process.platform === 'linux';
  const program = bound ? 'setpriv' : command;
  const all = bound ? ['--pdeathsig', 'KILL', command, ...args] : args;
  const child = spawn(program, all, { stdio: ['ignore', 'pipe', 'pipe'], ...options });

  const running = { child, out: '', err: '', fault: undefined, ended: once(child, 'close') };
  running.ended.catch(() => {});
  child.stdout.setEncoding('utf8').on('data', (text) => { running.out += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { running.err += text; });
  child.on('error', (fault) => { running.fault = fault; });
  scope.after(() => stop(running));
  return running;
}

/** Ends a program at once: nothing of a test is worth a farewell. */
export async function stop(running) {
  const { child } = running;
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await running.ended;
}

/** What a program that has ended said, as an error; nothing while it runs. */
export function failIfEnded(running, name) {
  const { child, err, fault } = running;
  if (fault) throw new Fatal(`${name} cannot be started: ${fault.message}`);
  if (child.exitCode !== null || child.signalCode !== null) {
    throw new Fatal(`${name} ended (${child.exitCode ?? child.signalCode}): ${err.trim()}`);
  }
}

/** A fault that no further try will mend. */
export class Fatal extends Error {}

/** Asks `probe` until it gives something, and no longer than `within` milliseconds. */
export async function until(what, probe, { within = 15_000, every = 20 } = {}) {
  const end = Date.now() + within;
  for (let cause; ;) {
    try {
      const found = await probe();
      if (found) return found;
    } catch (fault) {
      if (fault instanceof Fatal) throw fault;
      cause = fault;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${within} ms`, { cause });
    await pause(every);
  }
}

/** A port of the loopback that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
