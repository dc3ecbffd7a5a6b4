// A browser without a screen: it keeps cookies as browsers do, says where it comes from unless told
// not to, follows redirects, and reads the links and forms of the pages it gets.

const TIMEOUT = 20_000;
const MOST_STEPS = 15;

/** A page, or where the browser was sent outside of the test's world. */
export class Page {
  constructor({ url, status = 0, headers = new Headers(), html = '', sent }) {
    Object.assign(this, { url: new URL(url), status, headers, html, sent });
  }

  /** The address of the link whose `href` contains `part`. */
  link(part) {
    const links = [...this.html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)].map(([, raw]) => text(raw));
    const href = links.find((one) => one.includes(part));
    if (href === undefined) throw new Error(`no link to ${part} on ${this}`);
    return new URL(href, this.url);
  }

  /** Whether there is a form that has a field named `field`. */
  hasForm(field) {
    return this.#forms().some(({ fields }) => field in fields);
  }

  /** The form that has a field named `field`, with what its fields hold. */
  form(field) {
    const form = this.#forms().find(({ fields }) => field in fields);
    if (form === undefined) throw new Error(`no form with ${field} on ${this}`);
    return form;
  }

  #forms() {
    return [...this.html.matchAll(/<form\s([^>]*)>(.*?)<\/form>/gs)].map(([, head, body]) => {
      const inputs = [...body.matchAll(/<input\s[^>]*>/g)].map(([input]) => input);
      const fields = inputs
        .map((input) => [attribute(input, 'name'), attribute(input, 'value') ?? ''])
        .filter(([name]) => name);
      return {
        action: new URL(attribute(head, 'action') ?? '', this.url),
        method: (attribute(head, 'method') ?? 'get').toUpperCase(),
        fields: Object.fromEntries(fields),
        boxes: inputs.filter((input) => input.includes('type="checkbox"'))
          .map((input) => attribute(input, 'name')),
      };
    });
  }

  /** What a citizen reads, without the markup. */
  get text() {
    const words = this.html.replace(/<style.*?<\/style>/gs, '').replace(/<[^>]*>/g, ' ');
    return text(words).replace(/\s+/g, ' ').trim();
  }

  toString() {
    return `${this.status} ${this.url}: ${this.text.slice(0, 300)}`;
  }
}

/** A browser with its cookies. It stops where an address starts with `home`, the service's. */
export class Citizen {
  #cookies = new Map();
  #referrer = '';

  constructor({ home, language = 'fr-FR,fr;q=0.9' }) {
    Object.assign(this, { home, language });
    // The citizen comes from a page of the service, and browsers say so.
    this.#referrer = home;
  }

  /** Opens an address, and goes on to where that leads. */
  async open(address) {
    return this.#go({ url: new URL(address), method: 'GET' });
  }

  /** Follows a link of a page. */
  async click(page, part) {
    return this.open(page.link(part));
  }

  /** Fills in the form with the field `field`, and sends it. A box is ticked by giving it a value. */
  async submit(page, field, values = {}) {
    const { action, method, fields, boxes } = page.form(field);
    for (const box of boxes) delete fields[box];
    const body = new URLSearchParams({ ...fields, ...values });
    if (method === 'GET') return this.open(`${action.origin}${action.pathname}?${body}`);
    return this.#go({ url: action, method, body, from: page.url });
  }

  async #go(request) {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const { url, method, body } = request;
      if (url.href.startsWith(this.home)) return new Page({ url, sent: { method, body } });
      const answer = await this.#send(request);
      const next = await this.#next(answer, request);
      if (next instanceof Page) return next;
      request = next;
    }
    throw new Error(`more than ${MOST_STEPS} steps, the last to ${request.url}`);
  }

  async #send({ url, method, body, from }) {
    const crossSite = method === 'POST' && from !== undefined && from.hostname !== url.hostname;
    const headers = {
      accept: 'text/html,application/xhtml+xml',
      'accept-language': this.language,
      cookie: this.#cookiesFor(url, crossSite),
      ...(this.#referrer && { referer: this.#referrer }),
    };
    const signal = AbortSignal.timeout(TIMEOUT);
    const answer = await fetch(url, { method, body, headers, signal, redirect: 'manual' });
    this.#keep(url, answer.headers.getSetCookie());
    if (answer.headers.get('referrer-policy') === 'no-referrer') this.#referrer = '';
    return answer;
  }

  /** The next request, or the page where it ends. */
  async #next(answer, { url, method, body, from }) {
    const { status, headers } = answer;
    const html = await answer.text();
    const location = headers.get('location');
    if (status >= 300 && status < 400 && location) {
      const to = new URL(location, url);
      return [307, 308].includes(status) ? { url: to, method, body, from } : { url: to, method: 'GET' };
    }
    const page = new Page({ url, status, headers, html });
    if (headers.get('referrer-policy') !== 'no-referrer') this.#referrer = url.href;
    const refresh = /<meta http-equiv="refresh" content="0;url=([^"]*)">/.exec(html);
    return refresh ? { url: new URL(text(refresh[1]), url), method: 'GET' } : page;
  }

  /** Cookies belong to a host, whatever its port; `SameSite=Lax` ones stay home on a foreign form. */
  #cookiesFor(url, crossSite) {
    const fits = ({ host, path, sameSite }) => host === url.hostname
      && (url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      && !(crossSite && ['lax', 'strict'].includes(sameSite));
    return [...this.#cookies.values()].filter(fits).map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  #keep(url, lines) {
    for (const line of lines) {
      const [pair, ...rest] = line.split(';').map((part) => part.trim());
      const [name, value] = cut(pair);
      const said = Object.fromEntries(rest.map(cut).map(([key, value]) => [key.toLowerCase(), value]));
      const path = said.path ?? '/';
      const sameSite = said.samesite?.toLowerCase() ?? 'lax';
      const id = `${url.hostname} ${path} ${name}`;
      const over = said['max-age'] === '0' || Date.parse(said.expires) < Date.now();
      if (over) this.#cookies.delete(id);
      else this.#cookies.set(id, { name, value, path, host: url.hostname, sameSite });
    }
  }
}

function cut(pair) {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function attribute(tag, name) {
  const found = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag);
  return found ? text(found[1]) : undefined;
}

/** HTML's character references, as far as the pages use them. */
function text(html) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\u00a0' };
  return html.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return named[name] ?? whole;
  });
}
