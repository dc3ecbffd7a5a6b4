// A service built on a certified client library, and a citizen's way through the hub for it.

import * as oidc from 'openid-client';

import { Citizen } from './citizen.js';

/** A service that signs citizens in through the hub at `issuer`, as its developers would write it. */
export class Service {
  static async of(issuer, { client_id, redirect_uri, authentication, ...metadata }) {
    const config = await oidc.discovery(
      new URL(issuer),
      client_id,
      metadata,
      authentication,
      // The loopback speaks plain http; and the library checks signatures of tokens that came over TLS
      // only when it is told to.
      { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
    );
    return Object.assign(new Service(), { config, redirect_uri });
  }

  /** The address that sends a citizen to the hub, and what has to hold when they come back. */
  async ask(parameters = {}) {
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const expectedState = oidc.randomState();
    const expectedNonce = oidc.randomNonce();
    const url = oidc.buildAuthorizationUrl(this.config, {
      redirect_uri: this.redirect_uri,
      scope: 'openid identite_pivot email',
      state: expectedState,
      nonce: expectedNonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      ...parameters,
    });
    return { url, checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true } };
  }

  /** Spends the code of an answer; the library makes every check. */
  async redeem(answer, checks) {
    return oidc.authorizationCodeGrant(this.config, answer, checks);
  }

  /** What the hub says of the person `sub`; the library refuses an answer about anybody else. */
  async learn(accessToken, sub) {
    return oidc.fetchUserInfo(this.config, accessToken, sub);
  }

  /** A citizen with a browser of their own, coming from this service. */
  citizen(options = {}) {
    return new Citizen({ home: new URL('/', this.redirect_uri).href, ...options });
  }
}

/** From the service to the review page, through the identity provider `idp`. */
export async function toReview(citizen, url, { idp = 'boussole', login = 'angela' } = {}) {
  const choice = await citizen.open(url);
  const signIn = await citizen.click(choice, `idp/${idp}`);
  const back = await citizen.submit(signIn, 'login', { login });
  // An answer that is posted waits on a page of the provider for a script, or for this click.
  return back.hasForm('code') ? citizen.submit(back, 'code') : back;
}

/** From the service through the hub and back: the address where the citizen arrives. */
export async function signIn(service, { citizen = service.citizen(), login, idp, ...parameters } = {}) {
  const { url, checks } = await service.ask(parameters);
  const review = await toReview(citizen, url, { idp, login });
  const left = await citizen.submit(review, 'token');
  // An answer that is posted waits on a page of the hub for a script, or for this click.
  const arrival = left.hasForm('code') ? await citizen.submit(left, 'code') : left;
  return { answer: arrival.url, arrival, checks, review };
}

/** A whole sign-in: what the service knows in the end. */
export async function know(service, options) {
  const { answer, checks, review } = await signIn(service, options);
  const tokens = await service.redeem(answer, checks);
  const claims = tokens.claims();
  const userinfo = await service.learn(tokens.access_token, claims.sub);
  return { answer, checks, tokens, claims, userinfo, review };
}
