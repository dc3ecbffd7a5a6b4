// A Redis of the test's own, in memory alone.

import { connect } from 'node:net';
import { once } from 'node:events';

import { failIfEnded, freePort, start, until } from './children.js';

/** Starts a Redis and returns its address. */
export async function redis(scope) {
  const port = await freePort();
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const running = start(scope, 'redis-server', settings, { cwd: '/' });
  await until('redis-server', () => {
    failIfEnded(running, 'redis-server');
    return ping(port);
  });
  return `redis://127.0.0.1:${port}/`;
}

/** How many records a Redis holds. */
export async function size(address) {
  const answer = await command(new URL(address).port, 'DBSIZE');
  return Number(/^:(\d+)/.exec(answer)[1]);
}

async function ping(port) {
  return (await command(port, 'PING')).startsWith('+PONG');
}

/** One inline command; QUIT after it makes the server close, which ends the answer. */
async function command(port, text) {
  const socket = connect(Number(port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (part) => { answer += part; });
  socket.write(`${text}\r\nQUIT\r\n`);
  await once(socket, 'close');
  return answer;
}
