// A service of the test's own that a citizen visits with a real browser: a button, and a counter where
// the answer arrives.

import { counter } from '../node/lib/counter.js';
import { Service } from '../node/lib/service.js';

/** Opens a kiosk: where it is, and the addresses that answers, and citizens who have left, go to. */
export async function kiosk(scope) {
  const { url, arrivals } = await counter(scope);
  return { url, redirect_uri: `${url}/retour`, farewell: `${url}/parti`, arrivals };
}

/** The kiosk as the client `client_id` of `issuer`. */
export async function clientOf(issuer, { redirect_uri }, { client_id, secret, ...metadata }) {
  return Service.of(issuer, { client_id, redirect_uri, client_secret: secret, ...metadata });
}

/** Presses the kiosk's button. What comes back has to hold against the result. */
export async function press(page, { url }, service, parameters) {
  const asked = await service.ask(parameters);
  await page.goto(url);
  await page.evaluate((href) => {
    const button = document.createElement('a');
    Object.assign(button, { href, textContent: 'Se connecter' });
    document.body.append(button);
  }, asked.url.href);
  await page.getByRole('link', { name: 'Se connecter' }).click();
  return asked.checks;
}

/** The citizen is back at the counter: what the kiosk learns from the one answer. */
export async function learn(page, service, checks) {
  await page.getByRole('heading', { name: 'Bienvenue au guichet' }).waitFor();
  const tokens = await service.redeem(new URL(page.url()), checks);
  const claims = tokens.claims();
  return { claims, id_token: tokens.id_token, userinfo: await service.learn(tokens.access_token, claims.sub) };
}

/** Says goodbye at `pageOfEnd`, with the id token of the sign-in, and is back at the kiosk. */
export async function leave(page, { farewell }, pageOfEnd, id_token) {
  const sent = new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: farewell, state: 'parti' });
  await page.goto(`${pageOfEnd}?${sent}`);
  await page.waitForURL(`${farewell}?state=parti`);
}
