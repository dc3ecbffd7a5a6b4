#!/usr/bin/env bash
# Writes a hub's configuration for a load test: configuration.sh LETHE DIR PORT STORE SERVICES IDPS
# The services are sp-0, sp-1, ... with the secret sp-secret-for-measurement-only-N; the identity
# providers are idp0, idp1, ... of one mock at http://127.0.0.1:19100 (IDP_BASE for another).
set -euo pipefail
lethe=$1 dir=$2 port=$3 store=$4 services=$5 idps=$6
base=${IDP_BASE:-http://127.0.0.1:19100}

rm -rf "$dir"
mkdir -p "$dir/services" "$dir/idps" "$dir/secrets"
"$lethe" keys new --config "$dir" >/dev/null
(umask 077 && printf 'any' >"$dir/secrets/idp")
cat >"$dir/hub.toml" <<EOF
issuer = "http://127.0.0.1:$port"
listen = "127.0.0.1:$port"
store = "$store"
EOF
# With AUDIT, traces are written to that file.
[ -z "${AUDIT:-}" ] || printf '[audit]\noutput = "file:%s"\n' "$AUDIT" >>"$dir/hub.toml"
python3 - "$dir" "$base" "$services" "$idps" <<'EOF'
import hashlib
import sys

directory, base, services, idps = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for n in range(services):
    digest = hashlib.sha256(f"sp-secret-for-measurement-only-{n}".encode()).hexdigest()
    with open(f"{directory}/services/sp-{n}.toml", "w") as out:
        out.write(f'''client_id = "sp-{n}"
name = "Service {n}"
organisation = "Measurement"
eligibility = "administration"
status = "sandbox"
kind = "public"
service_url = "https://sp-{n}.example/"
redirect_uris = ["https://sp-{n}.example/callback"]
sector = "sp-{n}.example"
scopes = ["openid", "profile", "email", "birth"]
signing_alg = "ES256"

[authentication]
method = "secret"
secret_digests = ["sha256:{digest}"]
''')
for n in range(idps):
    with open(f"{directory}/idps/idp{n}.toml", "w") as out:
        out.write(f'''id = "idp{n}"
title = "Provider {n}"
environment = "test"
issuer = "{base}/idp{n}"
client_id = "hub"
scopes = ["openid", "profile", "email", "birth"]
pivot = "verified"
pivot_waiver = "measurement"
private_network = true

[authentication]
method = "client_secret_basic"
secret = "file:secrets/idp"

[levels]
ceiling = "eidas2"

[levels.table]
eidas1 = "eidas1"
eidas2 = "eidas2"
''')
EOF
