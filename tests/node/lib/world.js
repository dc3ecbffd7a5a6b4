// A hub between a service of the test's own and somebody else's identity provider.

import { freePort } from './children.js';
import { serve } from './hub.js';
import { place, provider } from './provider.js';

/** The hub's id and secret at the provider. */
export const HUB = { client_id: 'lethe', client_secret: 'the-secret-of-the-hub-at-the-provider' };

/**
 * Starts a provider and a hub that knows it as `boussole`. `client` adds to the hub's registration at
 * the provider, `idp` to the provider's entry at the hub; they have to agree, as in life.
 */
export async function world(scope, {
  services, dataProviders, store, host, acr, tongue, mail, client = {}, idp = {},
}) {
  const [port, at] = [await freePort(), await place({ host })];
  const registration = {
    ...HUB,
    redirect_uris: [`http://127.0.0.1:${port}/callback/boussole`],
    id_token_signed_response_alg: 'ES256',
    ...client,
  };
  if (registration.token_endpoint_auth_method === 'private_key_jwt') {
    delete registration.client_secret;
  }
  if (!registration.client_secret || registration.id_token_encrypted_response_alg) {
    registration.jwks_uri = `http://127.0.0.1:${port}/client/jwks`;
  }
  const boussole = await provider(scope, at, { client: registration, acr, tongue });
  const { client_id, client_secret } = registration;
  const entry = { id: 'boussole', issuer: at.issuer, client_id, secret: client_secret, mail_notices: Boolean(mail), ...idp };
  const hub = await serve(scope, { port, services, dataProviders, store, mail, idps: [entry] });
  return { hub, boussole, at, registration };
}
