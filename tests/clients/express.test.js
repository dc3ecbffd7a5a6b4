// A service on Express with express-openid-connect.

import { after } from 'node:test';

import { registered, write } from './lib/registered.js';
import { run, suite } from './lib/suite.js';

const APP = `
import express from 'express';
import openid from 'express-openid-connect';
import { account, lethe } from './lethe.js';

const app = express();
app.use(openid.auth(lethe));
app.get('/', (req, res) => res.send('front page'));
app.get('/me', openid.requiresAuth(), (req, res) => account(req, {
  json: ({ account, claims }) => res.json({ account, sub: req.oidc.user.sub, claims }),
}));
app.listen(process.env.PORT, '127.0.0.1');
`;

const scope = { after };
const service = await registered(scope, 'express');
await write(service.directory, { ...service.files, 'app.js': APP });
service.running = await run(scope, service, ['node', 'app.js'], { PORT: service.port });

suite('Express', { ...service, login: 'login' }, {
  logout: (citizen, { url }) => citizen.open(new URL('logout', url)),
});
