// Citizens walk through the demonstration world in a real browser, with and without script.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { launch, visit } from '../lib/chromium.js';
import { demo } from '../lib/hub.js';
import { choose, identify, onward, result, toChoice, toReview } from '../lib/walk.js';

const world = await demo({ after });
const browser = await launch({ after });
const { mairie, mutuelle } = world.services;

const SUB = /^p1\.[A-Za-z0-9_-]{43}$/;

for (const [words, javaScriptEnabled] of [['', true], [', without script', false]]) {
  test(`C01 a citizen walks from the service to the service${words}`, async (t) => {
    const { page, complaints } = await visit(t, browser, { javaScriptEnabled });

    await toChoice(page, mairie);
    const heading = await page.getByRole('heading', { level: 1 }).innerText();
    assert.equal(heading, 'Connexion – Mairie de Port-Lagon');
    const offered = await page.locator('a.idp b').allInnerTexts();
    assert.deepEqual(offered, ['Ardoise', 'Boussole', 'Citadelle', 'Corail']);
    await choose(page, 'Boussole');
    await identify(page);
    const review = await page.locator('dl.data').innerText();
    for (const shown of ['Angela Claire Louise', 'DUBOIS', '75107', 'angela@personne.example']) {
      assert.ok(review.includes(shown), `${shown} is on the review`);
    }
    await onward(page).click();
    const { sub, idToken, userinfo } = await result(page, mairie);

    assert.match(sub, SUB);
    assert.equal(idToken.acr, 'eidas1');
    assert.deepEqual(userinfo, {
      sub,
      given_name: 'Angela Claire Louise',
      given_name_array: ['Angela', 'Claire', 'Louise'],
      family_name: 'DUBOIS',
      birthdate: '1962-08-24',
      gender: 'female',
      birthplace: '75107',
      birthcountry: '99100',
      email: 'angela@personne.example',
      email_verified: true,
    });
    complaints.none();
  });
}

test('C16 the review shows each value that the service receives, and the service receives no other', async (t) => {
  const { page, complaints } = await visit(t, browser);
  await toReview(page, mairie, { person: 'helene' });
  const shown = await page.locator('dl.data dd').allInnerTexts();

  await onward(page).click();
  const { userinfo: { sub, given_name_array: names, ...received } } = await result(page, mairie);

  assert.deepEqual(names, [received.given_name]);
  assert.equal(received.email_verified, true);
  delete received.email_verified;
  const inWords = {
    female: 'Féminin',
    '1975-12-31': '31 décembre 1975',
    99100: 'France (99100)',
    [received.email]: `${received.email} (vérifiée)`,
  };
  assert.deepEqual(shown, Object.values(received).map((value) => inWords[value] ?? value));
  assert.match(sub, SUB);
  complaints.none();
});

test('C17 a private service receives nothing before the box is ticked', async (t) => {
  const { page, complaints } = await visit(t, browser);
  await toReview(page, mutuelle);
  const box = page.locator('input[name=consent]');
  assert.equal(await box.isChecked(), false);

  await onward(page).click();
  assert.ok(await box.evaluate((input) => input.matches(':invalid:focus')), 'the browser asks for the tick');
  assert.match(page.url(), /\/callback\//, 'and has sent nothing');

  await box.evaluate((input) => input.removeAttribute('required'));
  await onward(page).click();
  await page.waitForURL(/\/review\?notice=unticked$/);
  assert.equal(await page.getByRole('alert').innerText(), 'Cochez la case pour continuer, ou revenez au service.');

  await page.locator('input[name=consent]').check();
  await onward(page).click();
  const { userinfo: { sub, ...claims } } = await result(page, mutuelle);
  assert.match(sub, SUB);
  assert.deepEqual(claims, {
    given_name: 'Angela Claire Louise',
    given_name_array: ['Angela', 'Claire', 'Louise'],
    family_name: 'DUBOIS',
    birthdate: '1962-08-24',
  });
  complaints.none();
});

test('C23 choice and review are walked with the keyboard alone', async (t) => {
  const { page, complaints } = await visit(t, browser);
  await toChoice(page, mutuelle);
  const order = await tabThrough(page, 7);
  assert.deepEqual(order, [
    'Boussole\nGarantie substantielle',
    'Citadelle\nGarantie élevée',
    'Corail\nGarantie substantielle',
    'Revenir au service sans me connecter',
    'Qu’est-ce que cette page ?',
    'Accessibilité',
    'BODY',
  ]);

  await tabTo(page, 'Boussole');
  await page.keyboard.press('Enter');
  await page.locator('#username').waitFor();
  await identify(page);
  await tabTo(page, 'INPUT checkbox');
  await page.keyboard.press('Space');
  await tabTo(page, 'Accepter et continuer');
  await page.keyboard.press('Enter');

  const { userinfo } = await result(page, mutuelle);
  assert.equal(userinfo.family_name, 'DUBOIS');
  complaints.none();
});

test('C07 two tabs at two services, step by step in turn, each finish at their own', async (t) => {
  const { page: one, context, complaints } = await visit(t, browser);
  const two = await context.newPage();

  await toChoice(one, mairie);
  await toChoice(two, mutuelle);
  await choose(one, 'Boussole');
  await choose(two, 'Citadelle');
  await identify(two, 'sosefo');
  await identify(one, 'angela');
  await two.locator('input[name=consent]').check();
  await onward(two).click();
  const atMutuelle = await result(two, mutuelle);
  await onward(one).click();
  const atMairie = await result(one, mairie);

  assert.equal(atMairie.userinfo.family_name, 'DUBOIS');
  assert.equal(atMairie.idToken.aud, 'mairie');
  assert.equal(atMutuelle.userinfo.family_name, 'TAUHAVILI');
  assert.equal(atMutuelle.idToken.aud, 'mutuelle');
  complaints.none();
});

test('two tabs at one service finish one after the other', async (t) => {
  const { page: one, context, complaints } = await visit(t, browser);
  const two = await context.newPage();
  await toReview(one, mairie, { person: 'angela' });
  await toReview(two, mairie, { person: 'sosefo', idp: 'Citadelle' });

  await onward(one).click();
  await onward(two).click();

  assert.equal((await result(one, mairie)).userinfo.family_name, 'DUBOIS');
  assert.equal((await result(two, mairie)).userinfo.family_name, 'TAUHAVILI');
  complaints.none();
});

test('C26 pages speak the language that the service names, else that of the browser', async (t) => {
  const { page: french } = await visit(t, browser, { locale: 'fr-FR' });
  const { page: english } = await visit(t, browser, { locale: 'en-GB' });
  const heading = (page) => page.getByRole('heading', { level: 1 }).innerText();

  await toChoice(french, mairie);
  assert.equal(await heading(french), 'Connexion – Mairie de Port-Lagon');
  await toChoice(english, mairie);
  assert.equal(await heading(english), 'Sign in – Port-Lagon town hall');
  await toReview(french, mairie, { asked: { ui_locales: 'en' } });
  assert.equal(await heading(french), 'What Port-Lagon town hall will receive');
  assert.equal(await french.locator('html').getAttribute('lang'), 'en');
});

/** Presses Tab `times` times, and says where each leads. The focus has to be seen everywhere. */
async function tabThrough(page, times) {
  const stops = [];
  for (let stop = 0; stop < times; stop += 1) {
    await page.keyboard.press('Tab');
    stops.push(await focused(page));
  }
  return stops;
}

async function tabTo(page, wanted) {
  for (let stop = 0; stop < 20; stop += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)).startsWith(wanted)) return;
  }
  assert.fail(`${wanted} is out of the keyboard's reach`);
}

async function focused(page) {
  const { name, outline } = await page.evaluate(() => {
    const element = document.activeElement;
    const kind = `${element.tagName} ${element.type ?? ''}`.trim();
    const name = element === document.body ? kind : element.innerText || kind;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return { name, outline: outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth) };
  });
  assert.ok(name === 'BODY' || outline >= 2, `the focus on ${name} is seen`);
  return name;
}
