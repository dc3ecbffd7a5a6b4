// A citizen's steps through the demonstration world, in a real browser.

const ACCOUNTS = { angela: 'papaye', sosefo: 'corail', helene: 'niaouli' };

/** From a service's front page to the hub's choice. `asked` goes along with the request. */
export async function toChoice(page, service, asked = {}) {
  await page.goto(`${service}/`);
  if (Object.keys(asked).length > 0) await page.goto(`${service}/sign-in?${new URLSearchParams(asked)}`);
  else await page.locator('#sign-in').click();
  await page.waitForURL(/\/login\/[^/]+\/$/);
}

/** To the page of an identity provider. */
export async function choose(page, idp) {
  await page.getByRole('link', { name: idp }).click();
  await page.locator('#username').waitFor();
}

/** Signs in at the identity provider, and comes back to the hub. */
export async function identify(page, person = 'angela') {
  await page.locator('#username').fill(person);
  await page.locator('#password').fill(ACCOUNTS[person]);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.waitForURL(/\/callback\//);
}

/** Says no at the identity provider, and is back at the choice. */
export async function decline(page) {
  await page.getByRole('button', { name: 'Refuser' }).click();
  await page.waitForURL(/\/login\/[^/]+\/$/);
}

/** From a service's front page to the review of what it will receive. */
export async function toReview(page, service, { idp = 'Boussole', person, asked } = {}) {
  await toChoice(page, service, asked);
  await choose(page, idp);
  await identify(page, person);
}

/** From the town hall's application, which needs tax data, to the review of what will be read. */
export async function toDataReview(page, service, { person } = {}) {
  await page.goto(`${service}/`);
  await page.locator('#apply').click();
  await page.waitForURL(/\/login\/[^/]+\/$/);
  await choose(page, 'Boussole');
  await identify(page, person);
}

/** The one button that goes on, whatever the language. */
export function onward(page) {
  return page.locator('form button.primary');
}

/** What the service shows of a sign-in that succeeded. */
export async function result(page, service) {
  await page.waitForURL(`${service}/callback?*`);
  const read = async (id) => page.locator(`#${id}`).innerText();
  return {
    sub: await read('sub'),
    idToken: JSON.parse(await read('id-token')),
    userinfo: JSON.parse(await read('userinfo')),
  };
}

/** What the service shows of a sign-in that failed: the error code. */
export async function trouble(page, service) {
  await page.waitForURL(`${service}/callback?*`);
  return page.locator('#error').innerText();
}
