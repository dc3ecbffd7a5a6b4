// Every page of the hub, and how a citizen gets to see it.

import { choose, decline, onward, result, toChoice, toDataReview, toReview } from './walk.js';

/** The pages, and how a citizen gets to see them. */
export function pages({ issuer, services: { mairie, mutuelle } }) {
  return {
    async choice(page) {
      await toChoice(page, mairie);
      await page.locator('summary').click();
    },
    async 'choice-level'(page) {
      await toChoice(page, mutuelle);
    },
    async 'choice-notice'(page) {
      await toChoice(page, mairie);
      await choose(page, 'Boussole');
      await decline(page);
    },
    async 'review-information'(page) {
      await toReview(page, mairie, { person: 'helene' });
    },
    async 'review-consent'(page) {
      await toReview(page, mutuelle);
    },
    async 'review-consent-missing'(page) {
      await toReview(page, mutuelle);
      await page.locator('input[name=consent]').evaluate((input) => input.removeAttribute('required'));
      await onward(page).click();
      await page.getByRole('alert').waitFor();
    },
    async 'review-data'(page) {
      await toDataReview(page, mairie);
    },
    async 'receipt-data'(page) {
      await toDataReview(page, mairie);
      for (const name of ['data:impots:tax_household', 'consent', 'receipt']) {
        await page.locator(`input[name="${name}"]`).check();
      }
      await onward(page).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('a[download="receipt.txt"]').waitFor();
    },
    async error(page, context) {
      await toChoice(page, mairie);
      await context.clearCookies();
      await page.reload();
      await page.getByText('L1002').waitFor();
    },
    async 'error-detail'(page) {
      const redirect_uri = 'https://elsewhere.example/callback';
      const asked = new URLSearchParams({ client_id: 'mairie', redirect_uri });
      await page.goto(`${issuer}/authorize?${asked}`);
      await page.getByText('L2003').waitFor();
    },
    async 'error-waiting'(page) {
      await page.goto(`${issuer}/initiate/boussole`);
      await page.getByText('L1006').waitFor();
    },
    async receipt(page) {
      await toReview(page, mutuelle);
      await page.locator('input[name=consent]').check();
      await page.locator('input[name=receipt]').check();
      await onward(page).click();
      await page.locator('a[download="receipt.txt"]').waitFor();
    },
    async 'confirm-logout'(page) {
      await toReview(page, mairie);
      await onward(page).click();
      await result(page, mairie);
      await page.goto(`${issuer}/session/end`);
      await page.locator('form').waitFor();
    },
    async 'logged-out'(page) {
      await toReview(page, mairie);
      await onward(page).click();
      await result(page, mairie);
      await page.goto(`${issuer}/session/end`);
      await onward(page).click();
      await page.getByText(/Ces services ont été prévenus|These services have been told/).waitFor();
    },
    async 'end-idp-session'(page) {
      await stayBefore(page, '**/logout');
      await toReview(page, mairie);
      await onward(page).click();
      await result(page, mairie);
      await page.goto(`${issuer}/session/end`);
      await onward(page).click();
      await page.getByRole('button', { name: 'Boussole' }).waitFor();
    },
    async 'go-on'(page) {
      await stayBefore(page, '**/session/out?*');
      await toReview(page, mairie);
      await onward(page).click();
      await result(page, mairie);
      await page.goto(`${issuer}/session/end`);
      await onward(page).click();
      await page.locator('a.primary[href*="/session/out"]').waitFor();
    },
    async 'confirm-unfinished'(page) {
      await toReview(page, mairie);
      await page.goto(`${issuer}/session/end`);
      await page.locator('form').waitFor();
    },
    async kit(page) {
      await page.goto(`${issuer}/kit/`);
    },
    async about(page) {
      await page.goto(`${issuer}/about`);
    },
    async accessibility(page) {
      await page.goto(`${issuer}/accessibility`);
    },
  };
}

/** Keeps the page that goes on by itself to an address like `glob`: 204 leaves the browser where it is. */
function stayBefore(page, glob) {
  return page.route(glob, (route) => route.fulfill({ status: 204 }));
}
