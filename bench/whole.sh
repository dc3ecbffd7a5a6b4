#!/usr/bin/env bash
# Whole federated logins against the running hub, interleaved with the Node peer, one core each for the
# hub and for the rest. FEDLOAD is the folder of the load driver (run-peer.sh, summary.py).
#   FEDLOAD=DIR bench/whole.sh          logins per CPU second, ours and the peer's, ROUNDS times each
#   FEDLOAD=DIR bench/whole.sh limits   latency at half capacity, memory in flight, start, many parties
#   FEDLOAD=DIR bench/whole.sh audit    what the audit stream costs, ROUNDS times with it and without
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
: "${FEDLOAD:?the folder of the load driver}"
rounds=${ROUNDS:-5}
work=${WORK:-$(mktemp -d)}
redis_port=16490 hub_port=19300
export DURATION_S=${DURATION_S:-15} WARMUP_S=${WARMUP_S:-4} CONCURRENCY=${CONCURRENCY:-16}
export IDP_LINK_RE='idp/idp0$' LETHE_LOG=${LETHE_LOG:-info}

cargo build --release --locked -q -p hub
lethe=$(pwd)/target/release/lethe
mkdir -p "$work/driver" "$work/out"
cp -r "$FEDLOAD/." "$work/driver"
chmod -R u+w "$work/driver"
export CARGO_TARGET_DIR=${FEDLOAD_TARGET:-$work/target}
cargo build --release --quiet --manifest-path "$work/driver/Cargo.toml"
fedload=$CARGO_TARGET_DIR/release/fedload

pids=()
stop() { for pid in "${pids[@]:-}"; do [ -n "$pid" ] && kill "$pid" 2>/dev/null || true; done; wait 2>/dev/null || true; }
trap stop EXIT INT TERM
on() { core=$1; shift; if [ "$(nproc)" -ge 2 ]; then exec taskset -c "$core" "$@"; else exec "$@"; fi; }

start_redis() {
  (on 1 redis-server --port $redis_port --bind 127.0.0.1 --save '' --appendonly no >"$work/redis.log" 2>&1) &
  redis_pid=$!
  pids+=("$redis_pid")
  until redis-cli -p $redis_port ping >/dev/null 2>&1; do :; done
}
start_hub() { # SERVICES IDPS; each has keys of its own, so the store starts empty
  redis-cli -p $redis_port flushall >/dev/null
  bench/configuration.sh "$lethe" "$work/config" $hub_port "redis://127.0.0.1:$redis_port" "$1" "$2"
  (on 0 "$lethe" serve --config "$work/config" >"$work/hub.log" 2>&1) &
  hub_pid=$!
  pids+=("$hub_pid")
  for _ in $(seq 200); do
    curl -fs -o /dev/null "http://127.0.0.1:$hub_port/.well-known/openid-configuration" && return 0
    read -rt 0.05 <> <(:) || true
  done
  tail -3 "$work/hub.log" >&2
  exit 1
}
stop_hub() { kill "$hub_pid" && wait "$hub_pid" 2>/dev/null || true; }
drive() { # MODE
  (BROKER_ISSUER=http://127.0.0.1:$hub_port REDIS_ADDR=127.0.0.1:$redis_port \
    CPU_PIDS=hub:$hub_pid,redis:$redis_pid on 1 "$fedload" "$1")
}
summary() { python3 "$work/driver/summary.py" "$@"; }

if [ "${1:-}" = limits ]; then
  start_redis
  start_hub 1 1
  echo "== 10,000 logins in flight"
  PARK=10000 drive park | grep -E 'parked|grown|rss|10k|resumed'
  echo "== latency at half of what one core carries"
  RATE=${RATE:-650} CONCURRENCY=512 LABEL=half-capacity OUT=$work/out/half.json drive run >/dev/null
  summary "$work/out/half.json" | sed -n 1,5p
  stop_hub
  echo "== start"
  BROKER_ISSUER=http://127.0.0.1:$hub_port RUNS=15 COLDSTART_CMD="$lethe serve --config $work/config" "$fedload" coldstart
  echo "== many parties, interleaved"
  for round in $(seq "$rounds"); do
    for parties in "1 1" "10000 1" "1 200"; do
      # shellcheck disable=SC2086
      start_hub $parties
      name=${parties/ /-services-}-idps
      LABEL=$name OUT=$work/out/$name-$round.json drive run >/dev/null
      stop_hub
    done
  done
  for name in 1-services-1-idps 10000-services-1-idps 1-services-200-idps; do
    summary "$work"/out/$name-*.json | grep -E 'runs|hub  '
  done
  python3 - "$work/out" "$rounds" <<'EOF'
import json
import statistics
import sys

folder, rounds = sys.argv[1], int(sys.argv[2])


def cost(name, n):
    """CPU time of a login, in units of the driver's calibration: what neighbours slow, slows both."""
    report = json.load(open(f"{folder}/{name}-{n}.json"))
    return report["processes"]["hub"]["cpu_ms_per_login"] / report["calibration_es256_verify_us"]["median"]


for name in ("10000-services-1-idps", "1-services-200-idps"):
    ratios = sorted(cost(name, n) / cost("1-services-1-idps", n) for n in range(1, rounds + 1))
    print(f"{name}: {statistics.median(ratios):.3f} of the cost with one of each "
          f"({ratios[0]:.3f} to {ratios[-1]:.3f})")
EOF
  exit 0
fi

if [ "${1:-}" = audit ]; then
  start_redis
  for round in $(seq "$rounds"); do
    for kind in without with; do
      rm -f "$work/audit.jsonl"
      AUDIT=$([ $kind = with ] && echo "$work/audit.jsonl" || true)
      export AUDIT
      start_hub 1 1
      LABEL=$kind OUT=$work/out/$kind-$round.json drive run >/dev/null
      stop_hub
    done
  done
  "$lethe" audit verify "$work/audit.jsonl"
  python3 - "$work/out" "$rounds" <<'EOF'
import json
import statistics
import sys

folder, rounds = sys.argv[1], int(sys.argv[2])
read = lambda name, n: json.load(open(f"{folder}/{name}-{n}.json"))["processes"]["hub"]["logins_per_cpu_s"]
ratios = [read("without", n) / read("with", n) for n in range(1, rounds + 1)]
print(f"CPU time of a login with the audit stream, against without: median {statistics.median(ratios):.2f}, "
      f"{min(ratios):.2f} to {max(ratios):.2f}")
EOF
  exit 0
fi

for round in $(seq "$rounds"); do
  start_redis
  start_hub 1 1
  LABEL=lethe OUT=$work/out/lethe-$round.json drive run >/dev/null
  stop_hub
  kill "$redis_pid" && wait "$redis_pid" 2>/dev/null || true
  (unset IDP_LINK_RE; RUNS=1 WORK=$work/peer bash "$work/driver/run-peer.sh" node-oidc-provider >/dev/null)
  cp "$work/peer/out/node-oidc-provider-1.json" "$work/out/peer-$round.json"
done
summary "$work"/out/lethe-*.json
summary "$work"/out/peer-*.json
python3 - "$work/out" "$rounds" <<'EOF'
import json
import statistics
import sys

folder, rounds = sys.argv[1], int(sys.argv[2])
read = lambda name, n: json.load(open(f"{folder}/{name}-{n}.json"))["processes"]["hub"]["logins_per_cpu_s"]
ratios = [read("lethe", n) / read("peer", n) for n in range(1, rounds + 1)]
print(f"ratio of logins per CPU second: median {statistics.median(ratios):.1f}, "
      f"{min(ratios):.1f} to {max(ratios):.1f}")
EOF
