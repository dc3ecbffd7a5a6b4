# The API of a data provider on Flask, behind Authlib: the recipe for Python.

import json
import os
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from authlib.integrations.flask_oauth2 import ResourceProtector, current_token
from authlib.oauth2.rfc7662 import IntrospectTokenValidator
from flask import Flask, abort

INTROSPECTION = os.environ["HUB"] + "/token/introspection"
PROOF = {"client_id": os.environ["CLIENT_ID"], "client_secret": os.environ["CLIENT_SECRET"]}


class AskTheHub(IntrospectTokenValidator):
    # Called at every request, and nothing of it is kept: a revocation counts at once.
    def introspect_token(self, token_string):
        form = urlencode({**PROOF, "token": token_string}).encode()
        try:
            with urlopen(INTROSPECTION, form, timeout=5) as answer:
                return json.load(answer)
        except URLError:  # the hub is away, or refuses us: nobody gets in meanwhile
            abort(503)


api = Flask(__name__)
require = ResourceProtector()
require.register_token_validator(AskTheHub())


@api.get("/revenu")
@require("flask_revenu")
def revenu():
    return {"sub": current_token["sub"], "family_name": current_token["family_name"]}


api.run("127.0.0.1", int(os.environ["PORT"]))
