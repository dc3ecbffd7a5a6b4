// The notice of a sign-in on a new device, through a mail server that somebody else wrote.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { ClientSecretPost } from 'openid-client';
import { SMTPServer } from 'smtp-server';

import { until } from '../lib/children.js';
import { Service, know } from '../lib/service.js';
import { world } from '../lib/world.js';

const SERVICE = {
  client_id: 'cantine',
  name: 'Cantine scolaire',
  secret: 'the-secret-of-the-service',
  redirect_uris: ['https://cantine.example/retour'],
};

/** A mail server on the loopback; `mails` fills with what it takes: to whom, and the text. */
async function mailServer(t) {
  const mails = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      const from = session.envelope.mailFrom.address;
      stream.toArray().then((parts) => {
        mails.push({ to, from, text: Buffer.concat(parts).toString() });
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  t.after(() => new Promise((closed) => { server.close(closed); }));
  return { mails, url: `smtp://127.0.0.1:${server.server.address().port}` };
}

async function meet(t, server) {
  const mail = { server, from: 'Lethe <ne-pas-repondre@hub.example>' };
  const { hub } = await world(t, { services: [SERVICE], mail });
  const service = await Service.of(hub.issuer, {
    client_id: SERVICE.client_id,
    redirect_uri: SERVICE.redirect_uris[0],
    authentication: ClientSecretPost(SERVICE.secret),
  });
  return { hub, service };
}

/** The readable text of a mail in quoted-printable. */
function readable(text) {
  const bytes = text.replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

test('a sign-in on a new device is told by mail, and one on a known device is not', async (t) => {
  const { mails, url } = await mailServer(t);
  const { service } = await meet(t, url);
  const citizen = service.citizen();

  await know(service, { citizen });
  await until('the mail', () => mails.length === 1);
  await know(service, { citizen });
  await know(service, { citizen: service.citizen() });
  await until('the mail to the second device', () => mails.length === 2);

  const [{ to, from, text }] = mails;
  assert.deepEqual(to, ['angela@personne.example']);
  assert.equal(from, 'ne-pas-repondre@hub.example');
  const said = readable(text);
  assert.match(said, /Service : Cantine scolaire/);
  assert.match(said, /Numéro : [0-9a-f]{32}/);
  assert.match(said, /Le : \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  for (const secret of ['DUBOIS', 'Angela', '1962', 'p1.', 'Boussole']) assert.ok(!said.includes(secret), secret);
});

test('a mail server that is down keeps nobody from signing in', async (t) => {
  const { hub, service } = await meet(t, 'smtp://127.0.0.1:9');

  const { userinfo } = await know(service);

  assert.equal(userinfo.family_name, 'DUBOIS');
  assert.ok(hub);
});
