// One person, two providers that somebody else wrote and that speak of people in their own ways: one sub.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClientSecretPost } from 'openid-client';

import { freePort } from '../lib/children.js';
import { serve } from '../lib/hub.js';
import { place, provider } from '../lib/provider.js';
import { redis } from '../lib/redis.js';
import { Service, know } from '../lib/service.js';
import { HUB } from '../lib/world.js';

const SERVICE = {
  client_id: 'cantine',
  secret: 'the-secret-of-the-service',
  redirect_uris: ['https://cantine.example/retour'],
  id_token_claims: ['sub_basis'],
};

/** A provider of French names, dates with slashes, and a number for the sex. */
const CIVIL = {
  tongue: {
    claims: { civil: ['prenoms', 'nom_naissance', 'sexe', 'naissance', 'courriel'] },
    say: ({ sub, given_name, family_name, birthdate, birthplace, email }) => ({
      sub,
      prenoms: given_name.replaceAll(' ', ', '),
      nom_naissance: family_name.toLowerCase(),
      sexe: 2,
      naissance: { date: birthdate.split('-').reverse().join('/'), commune: birthplace, pays: 'FR' },
      courriel: email,
    }),
  },
  entry: {
    scopes: ['openid', 'civil'],
    mapping: {
      given_name: { from: 'prenoms', split: ',' },
      family_name: 'nom_naissance',
      gender: { from: 'sexe', codes: { 1: 'male', 2: 'female' } },
      birthdate: { from: 'naissance.date', form: 'DD/MM/YYYY' },
      birthplace: 'naissance.commune',
      birthcountry: 'naissance.pays',
      email: ['mail', 'courriel'],
    },
  },
};

/** A provider as FranceConnect is published to be, for which the hub has a preset. */
const FRANCECONNECT = {
  registration: {
    token_endpoint_auth_method: 'client_secret_post',
    userinfo_signed_response_alg: 'ES256',
  },
  tongue: {
    claims: {
      identite_pivot: [
        'given_name', 'family_name', 'gender', 'birthdate', 'birthplace', 'birthcountry',
      ],
      preferred_username: ['preferred_username'],
      email: ['email'],
    },
    say: (person) => person,
    pkce: false,
  },
  entry: {
    preset: 'franceconnect',
    method: 'client_secret_post',
    scopes: undefined,
    acr_values: undefined,
    pivot: undefined,
    levels: { ceiling: 'eidas2' },
  },
};

/** A hub that knows each of `providers` by its name. */
async function meet(t, providers) {
  const port = await freePort();
  const idps = [];
  const running = {};
  for (const [id, { registration, tongue, entry }] of Object.entries(providers)) {
    const at = await place();
    const client = {
      ...HUB,
      redirect_uris: [`http://127.0.0.1:${port}/callback/${id}`],
      id_token_signed_response_alg: 'ES256',
      ...registration,
    };
    running[id] = await provider(t, at, { client, tongue });
    idps.push({ id, issuer: at.issuer, client_id: HUB.client_id, secret: HUB.client_secret, ...entry });
  }
  const hub = await serve(t, { port, services: [SERVICE], store: await redis(t), idps });
  const service = await Service.of(hub.issuer, {
    client_id: SERVICE.client_id,
    redirect_uri: SERVICE.redirect_uris[0],
    authentication: ClientSecretPost(SERVICE.secret),
  });
  return { service, ...running };
}

test('two providers that speak differently give one person one sub', async (t) => {
  const { service, franceconnect } = await meet(t, { civil: CIVIL, franceconnect: FRANCECONNECT });

  const one = await know(service, { idp: 'civil' });
  const two = await know(service, { idp: 'franceconnect' });

  assert.equal(one.claims.sub, two.claims.sub);
  assert.equal(one.claims.sub_basis, 'verified_pivot');
  assert.equal(one.userinfo.birthdate, '1962-08-24');
  assert.deepEqual(one.userinfo.given_name_array, ['Angela', 'Claire', 'Louise']);
  assert.equal(one.userinfo.birthcountry, '99100');
  assert.equal(one.userinfo.email, 'angela@personne.example');
  assert.equal(one.userinfo.family_name, 'DUBOIS', 'a name written in small letters tells nothing of its provider');
  assert.equal(two.userinfo.family_name, 'DUBOIS');

  const asked = franceconnect.seen.find(({ url }) => url.startsWith('/auth?'));
  const parameters = new URL(asked.url, 'http://provider').searchParams;
  assert.equal(parameters.get('prompt'), 'login consent');
  assert.equal(parameters.get('acr_values'), 'eidas1');
  assert.equal(parameters.get('code_challenge'), null);
  assert.ok(parameters.get('nonce').length >= 22);
});
