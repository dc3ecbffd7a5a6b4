// A forgotten password is no dead end: the citizen ends where they were going, signed in.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { launch, visit } from '../lib/chromium.js';
import { demo } from '../lib/hub.js';
import { choose, onward, result, toChoice } from '../lib/walk.js';

const world = await demo({ after });
const browser = await launch({ after });
const { mairie } = world.services;

/** At the provider: says that the password is forgotten, and gets a mail. */
async function forget(page, username) {
  await page.locator('#forgotten').click();
  await page.locator('#username').fill(username);
  await page.getByRole('button', { name: 'Envoyer' }).click();
  await page.locator('#mailbox').waitFor();
}

/** In the mail: follows the link and chooses a new password. */
async function renew(mailbox, password) {
  await mailbox.locator('a.reset').last().click();
  await mailbox.locator('#password').fill(password);
  await mailbox.getByRole('button', { name: 'Changer' }).click();
}

test('C11 a mail opened in a new tab leads on to the service, signed in', async (t) => {
  const { page, context, complaints } = await visit(t, browser);
  await toChoice(page, mairie);
  await choose(page, 'Boussole');
  await forget(page, 'angela');
  const opened = context.waitForEvent('page');
  await page.locator('#mailbox').click();
  const tab = await opened;

  await renew(tab, 'mangue');
  await tab.getByText('Angela Claire Louise').waitFor();
  await onward(tab).click();

  const { userinfo } = await result(tab, mairie);
  assert.equal(userinfo.family_name, 'DUBOIS');
  complaints.none();

  // The new password counts from now on, and the old one does not.
  const again = await visit(t, browser);
  await toChoice(again.page, mairie);
  await choose(again.page, 'Boussole');
  await again.page.locator('#username').fill('angela');
  await again.page.locator('#password').fill('papaye');
  await again.page.getByRole('button', { name: 'Se connecter' }).click();
  await again.page.getByRole('alert').waitFor();
});

test('C11 a mail opened later in the same browser, the first tab closed, leads on as well', async (t) => {
  const { page, context } = await visit(t, browser);
  await toChoice(page, mairie);
  await choose(page, 'Citadelle');
  await forget(page, 'sosefo');
  const mailbox = await page.locator('#mailbox').getAttribute('href');
  await page.close();

  const later = await context.newPage();
  await later.goto(new URL(mailbox, world.idps.citadelle).href);
  await renew(later, 'lagon');
  await later.getByText('TAUHAVILI').waitFor();
  await onward(later).click();

  const { userinfo } = await result(later, mairie);
  assert.equal(userinfo.birthplace, '98818');
});

test('C11 a mail opened in another browser says that no sign-in waits there, and what to do', async (t) => {
  const { page } = await visit(t, browser);
  await toChoice(page, mairie);
  await choose(page, 'Ardoise');
  await forget(page, 'jean');
  const mailbox = await page.locator('#mailbox').getAttribute('href');

  const other = await visit(t, browser);
  await other.page.goto(new URL(mailbox, world.idps.ardoise).href);
  await renew(other.page, 'fugu');

  await other.page.getByText('L1006').waitFor();
  assert.match(await other.page.locator('main').innerText(), /le nouveau est valable/);

  // The first browser goes on with the new password.
  await page.goBack();
  await page.goBack();
  await page.locator('#username').fill('jean');
  await page.locator('#password').fill('fugu');
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await onward(page).click();
  const { userinfo } = await result(page, mairie);
  assert.equal(userinfo.family_name, 'FLEURET');
});

test('C11 of several sign-ins that wait, the last one that takes the provider goes on', async (t) => {
  const { page, context } = await visit(t, browser);
  const { mutuelle } = world.services;
  await toChoice(page, mairie);
  await choose(page, 'Boussole');
  const second = await context.newPage();
  await toChoice(second, mutuelle);
  await choose(second, 'Boussole');
  await forget(second, 'camille');
  await second.locator('#mailbox').evaluate((link) => link.removeAttribute('target'));
  await second.locator('#mailbox').click();

  await renew(second, 'oiseau');
  await second.locator('input[name=consent]').check();
  await onward(second).click();

  const { userinfo } = await result(second, mutuelle);
  assert.equal(userinfo.family_name, 'DUPONT-DURAND');
});
