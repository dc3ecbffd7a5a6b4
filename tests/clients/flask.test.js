// A service on Flask with Authlib, as Debian packages them.

import { join } from 'node:path';
import { after } from 'node:test';

import { LIBRARIES, registered, write } from './lib/registered.js';
import { run, suite } from './lib/suite.js';

const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';

const SITE = `
import os

from flask import jsonify

from app import app, session


@app.get("/")
def front():
    return "front page"


@app.get("/me")
def me():
    return jsonify(account=session["account"], sub=session["account"], claims=session["claims"])


app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
`;

const scope = { after };
const service = await registered(scope, 'flask');
await write(service.directory, { ...service.files, 'site_app.py': SITE });
service.running = await run(scope, service, [PYTHON, 'site_app.py'], {
  PORT: service.port,
  // Authlib's client needs the package requests.
  PYTHONPATH: join(LIBRARIES, 'python'),
});

suite('Flask', { ...service, login: 'auth/login' }, {
  logout: (citizen, { url }) => citizen.open(new URL('auth/logout', url)),
});
