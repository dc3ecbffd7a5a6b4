// A service with Auth.js: its core, which next-auth 5 puts into Next.js.

import { after } from 'node:test';

import { registered, write } from './lib/registered.js';
import { run, suite } from './lib/suite.js';

// An adapter in memory that keeps one account for an e-mail address, as those for databases do.
const APP = `
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Auth } from '@auth/core';
import { lethe } from './lethe.js';

const [users, accounts] = [new Map(), new Map()];
const key = ({ provider, providerAccountId }) => provider + ' ' + providerAccountId;
const adapter = {
  createUser: (user) => {
    const made = { ...user, id: randomUUID() };
    users.set(made.id, made);
    return made;
  },
  getUser: (id) => users.get(id) ?? null,
  getUserByAccount: (account) => users.get(accounts.get(key(account))) ?? null,
  getUserByEmail: (email) => [...users.values()].find((user) => user.email && user.email === email) ?? null,
  linkAccount: (account) => { accounts.set(key(account), account.userId); },
  updateUser: (user) => user,
};
const config = {
  providers: [lethe],
  adapter,
  secret: process.env.SESSION_SECRET,
  basePath: '/api/auth',
  trustHost: true,
  session: { strategy: 'jwt' },
  callbacks: {
    jwt: ({ token, account, profile }) => (account ? { ...token, claims: profile } : token),
    session: ({ session, token }) => ({ ...session, account: token.sub, sub: token.claims.sub, claims: token.claims }),
  },
};
createServer(async (req, res) => {
  const body = req.method === 'POST' ? Buffer.concat(await req.toArray()) : undefined;
  const path = req.url === '/me' ? '/api/auth/session' : req.url;
  const url = 'http://127.0.0.1:' + process.env.PORT + path;
  const answer = path.startsWith('/api/auth')
    ? await Auth(new Request(url, { method: req.method, headers: req.headers, body }), config)
    : new Response('front page');
  const { 'set-cookie': _, ...headers } = Object.fromEntries(answer.headers);
  res.writeHead(answer.status, { ...headers, 'set-cookie': answer.headers.getSetCookie() });
  res.end(Buffer.from(await answer.arrayBuffer()));
}).listen(process.env.PORT, '127.0.0.1');
`;

const scope = { after };
const service = await registered(scope, 'next-auth');
await write(service.directory, { ...service.files, 'app.js': APP });
service.running = await run(scope, service, ['node', 'app.js'], { PORT: service.port });

suite('Auth.js', { ...service, login: 'api/auth/signin', submits: 'csrfToken' });
