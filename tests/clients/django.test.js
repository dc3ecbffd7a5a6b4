// A service on Django with mozilla-django-oidc.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { LIBRARIES, registered, write } from './lib/registered.js';
import { known, run, suite } from './lib/suite.js';

const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';

const SETTINGS = `
SECRET_KEY = "a-secret-key-of-the-tests-alone"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "site_urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "mozilla_django_oidc",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "accounts.sqlite3"}}
USE_TZ = True
LOGGING = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
`;

const SITE = `
from django.http import HttpResponse, JsonResponse
from django.urls import path

from urls import urlpatterns as oidc


def front(request):
    # Django signs out at a POST alone.
    form = '<form method="post" action="/oidc/logout/"><input type="hidden" name="leave" value="yes"></form>'
    return HttpResponse("front page" + form)


def me(request):
    user = request.user
    if not user.is_authenticated:
        return HttpResponse("nobody", status=401)
    claims = {"family_name": user.last_name, "given_name": user.first_name, "email": user.email}
    return JsonResponse({"account": user.pk, "sub": user.username, "claims": claims})


urlpatterns = [*oidc, path("", front), path("me", me)]
`;

const scope = { after };

/** A service with the printed configuration, and `more` settings. */
async function django(more = '') {
  const service = await registered(scope, 'django');
  await write(service.directory, {
    ...service.files,
    'settings.py': SETTINGS + service.files['settings.py'] + more,
    'site_urls.py': SITE,
  });
  const env = {
    PYTHONPATH: `${join(LIBRARIES, 'python')}:${service.directory}`,
    DJANGO_SETTINGS_MODULE: 'settings',
  };
  await promisify(execFile)(PYTHON, ['-m', 'django', 'migrate'], {
    cwd: service.directory, env: { ...process.env, ...env },
  });
  const server = [PYTHON, '-m', 'django', 'runserver', '--noreload', `127.0.0.1:${service.port}`];
  service.running = await run(scope, service, server, env);
  return { ...service, login: 'oidc/authenticate/' };
}

const service = await django();
const without = await django('AUTHENTICATION_BACKENDS = ["mozilla_django_oidc.auth.OIDCAuthenticationBackend"]\n');

suite('Django', service, {
  logout: async (citizen, { url }) => citizen.submit(await citizen.open(url), 'leave'),
});

test('Django without the backend of the recipe hands one person the account of another', async () => {
  const [angela, marc] = [await known(without, 'angela'), await known(without, 'marc')];

  assert.equal(marc.account, angela.account, 'if this fails, the library has changed: read the recipe again');
});
