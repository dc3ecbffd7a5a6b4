// A hub with its entries as files, and beside Keycloak an identity provider that is none.

import { place, provider } from '../node/lib/provider.js';
import { serve } from '../node/lib/hub.js';

const SECRET = 'the-secret-of-the-hub-at-boussole';

/** Starts a hub on `port` that knows `boussole` as well. `services` and `files` are as `serve` has them. */
export async function world(scope, { port, services, session, files }) {
  const { issuer, ...at } = await place();
  const client = {
    client_id: 'lethe',
    client_secret: SECRET,
    redirect_uris: [`http://127.0.0.1:${port}/callback/boussole`],
    id_token_signed_response_alg: 'ES256',
  };
  await provider(scope, { issuer, ...at }, { client });
  const entry = { id: 'boussole', issuer, client_id: client.client_id, secret: SECRET };
  return serve(scope, { port, services, session, files, idps: [entry] });
}

/** Signs in at Boussole, from the hub's choice to its review. */
export async function identifyAtBoussole(page, person) {
  await page.getByRole('link', { name: 'Boussole' }).click();
  await page.getByLabel('Compte').fill(person);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.waitForURL(/\/callback\/boussole/);
}
