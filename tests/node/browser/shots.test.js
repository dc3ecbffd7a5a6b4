// Every page as citizens see it, for people to look at, in `shots/`; and what can be measured of it:
// no sideways scrolling on a narrow screen, and nothing to click that is too small.

import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launch, visit } from '../lib/chromium.js';
import { demo } from '../lib/hub.js';
import { pages } from '../lib/pages.js';

const world = await demo({ after });
const browser = await launch({ after });
const PAGES = pages(world);

const SHOTS = fileURLToPath(new URL('../shots/', import.meta.url));
await rm(SHOTS, { recursive: true, force: true });
await mkdir(SHOTS, { recursive: true });

const SCREENS = { desktop: [1280, 800], phone: [390, 844], narrow: [320, 640] };
const LANGUAGES = { fr: 'fr-FR', en: 'en-GB' };
/** WCAG 2.2, success criterion 2.5.8. */
const SMALLEST_TARGET = 24;

for (const [name, reach] of Object.entries(PAGES)) {
  for (const [language, locale] of Object.entries(LANGUAGES)) {
    test(`C25 screenshots of ${name} in ${language}: it fits each screen, and each target can be hit`, async (t) => {
      const { page, context } = await visit(t, browser, { locale, reducedMotion: 'reduce' });
      await reach(page, context);
      for (const [screen, [width, height]] of Object.entries(SCREENS)) {
        await page.setViewportSize({ width, height });
        for (const colorScheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme });
          const path = `${SHOTS}${name}-${language}-${screen}-${colorScheme}.png`;
          await page.screenshot({ path, fullPage: true });
        }
        await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
        await page.screenshot({ path: `${SHOTS}${name}-${language}-${screen}-forced.png`, fullPage: true });
        await page.emulateMedia({ forcedColors: 'none' });
        const { overflow, small, targets } = await page.evaluate(measure, SMALLEST_TARGET);
        assert.equal(overflow, 0, `${name} at ${width} px scrolls sideways`);
        assert.ok(targets > 0, 'there is something to click');
        assert.deepEqual(small, [], `targets of ${name} at ${width} px`);
      }
    });
  }
}

test('the pages can be read in both colour schemes: text has a contrast of at least 4.5 to 1', async (t) => {
  const { page } = await visit(t, browser, { reducedMotion: 'reduce' });
  for (const name of ['choice', 'choice-level', 'choice-notice', 'review-consent-missing', 'error-detail']) {
    await PAGES[name](page);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const { texts, faint } = await page.evaluate(contrasts);
      assert.ok(texts > 3, 'there is text to measure');
      assert.deepEqual(faint, [], `${name}, ${colorScheme}`);
    }
  }
});

/** Runs in the page: how far it is too wide, and what is too small to hit. */
function measure(smallest) {
  const root = document.documentElement;
  const targets = [...document.querySelectorAll('a, button, input:not([type=hidden]), summary')];
  const small = targets
    .map((target) => ({ text: target.innerText || target.type, box: target.getBoundingClientRect() }))
    .filter(({ box }) => box.width < smallest || box.height < smallest)
    .map(({ text, box }) => `${text}: ${Math.round(box.width)} x ${Math.round(box.height)}`);
  return { overflow: root.scrollWidth - root.clientWidth, small, targets: targets.length };
}

/** Runs in the page: the texts whose colour is too close to what lies behind them (WCAG 1.4.3). */
function contrasts() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const [x, y, z] = [r, g, b].map((part) => linear(part / 255));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
  const elements = [...document.body.querySelectorAll('*')]
    .filter((element) => [...element.childNodes].some(isText) && element.checkVisibility());
  const faint = elements.flatMap((element) => {
    const [one, two] = [rgba(getComputedStyle(element).color), behind(element)].map(luminance);
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    return ratio < 4.5 ? [`${element.innerText.slice(0, 40)}: ${ratio.toFixed(2)}`] : [];
  });
  return { texts: elements.length, faint };
}
