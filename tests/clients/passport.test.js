// A service on Express with Passport and the strategy of openid-client.

import assert from 'node:assert/strict';
import { after } from 'node:test';

import { registered, write } from './lib/registered.js';
import { run, suite } from './lib/suite.js';

const APP = `
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { logoutUrl, strategy } from './lethe.js';

passport.use(strategy);
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

const app = express();
app.use(session({ secret: process.env.SESSION_SECRET, resave: false, saveUninitialized: false }));
app.use(passport.session());
app.get('/', (req, res) => res.send('front page'));
app.get('/auth/login', passport.authenticate('lethe'));
app.get('/auth/callback', passport.authenticate('lethe', { successRedirect: '/' }));
app.get('/auth/logout', (req, res) => {
  const to = logoutUrl(req.user);
  req.logout(() => res.redirect(to));
});
app.get('/me', (req, res) => {
  const { account, claims } = req.user;
  res.json({ account, sub: claims.sub, claims });
});
app.listen(process.env.PORT, '127.0.0.1');
`;

/** The hub of the tests speaks plain http, which the library takes only if it is told to. */
function overPlainHttp(text) {
  const changed = text.replace(/ClientSecretBasic\((.*)\),\n/, (call) => `${call}  { execute: [client.allowInsecureRequests] },\n`);
  assert.notEqual(changed, text);
  return changed;
}

const scope = { after };
const service = await registered(scope, 'passport');
const lethe = overPlainHttp(service.files['lethe.js']);
await write(service.directory, { 'lethe.js': lethe, 'app.js': APP });
service.running = await run(scope, service, ['node', 'app.js'], { PORT: service.port });

suite('Passport', { ...service, login: 'auth/login' }, {
  logout: (citizen, { url }) => citizen.open(new URL('auth/logout', url)),
});
