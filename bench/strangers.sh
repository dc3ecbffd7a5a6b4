#!/usr/bin/env bash
# What strangers leave behind: N authorization requests (100,000) by browsers that never come back, on the loopback,
# against a hub and a Redis of their own. Prints bytes of Redis for each and the hub's resident memory.
#   LETHE=target/release/lethe bench/strangers.sh [N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
lethe=${LETHE:-target/release/lethe} count=${1:-100000}
work=$(mktemp -d)
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
redis_port=$(free_port) hub_port=$(free_port)
pids=()
stop() { for pid in "${pids[@]:-}"; do [ -n "$pid" ] && kill "$pid" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"; }
trap stop EXIT INT TERM

redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no >/dev/null 2>&1 &
pids+=($!)
bench/configuration.sh "$lethe" "$work/config" "$hub_port" "redis://127.0.0.1:$redis_port" 1 1
LETHE_LOG=warn "$lethe" serve --config "$work/config" >"$work/hub.log" 2>&1 &
hub_pid=$!
pids+=("$hub_pid")
python3 - "$hub_port" "$redis_port" "$hub_pid" "$count" <<'PYTHON'
import http.client
import socket
import sys
import threading
import time

hub_port, redis_port, hub_pid, count = map(int, sys.argv[1:])
THREADS = 8
ADDRESS = (
    "/authorize?response_type=code&client_id=sp-0&scope=openid%20profile%20email%20birth"
    "&redirect_uri=https%3A%2F%2Fsp-0.example%2Fcallback&state=" + "s" * 32 + "&nonce=" + "n" * 32
    + "&code_challenge_method=S256&code_challenge=" + "E" * 42 + "c"
)


def wait_for_the_hub():
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", hub_port)).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("the hub does not answer")


def redis_memory():
    with socket.create_connection(("127.0.0.1", redis_port)) as connection:
        connection.sendall(b"INFO memory\r\n")
        text = connection.recv(65536).decode()
    return int(next(line for line in text.split("\r\n") if line.startswith("used_memory:")).split(":")[1])


def resident():
    with open(f"/proc/{hub_pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


def ask(times):
    connection = http.client.HTTPConnection("127.0.0.1", hub_port)
    for _ in range(times):
        connection.request("GET", ADDRESS)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 303:
            sys.exit(f"status {answer.status}")


def crowd(times):
    threads = [threading.Thread(target=ask, args=(times // THREADS,)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


wait_for_the_hub()
crowd(800)
redis_before, hub_before, began = redis_memory(), resident(), time.monotonic()
crowd(count)
seconds = time.monotonic() - began
grown = redis_memory() - redis_before
print(f"requests {count} in {seconds:.0f} s")
print(f"Redis grew by {grown / 2**20:.1f} MiB, {grown / count:.0f} bytes for each")
print(f"hub resident {hub_before:.1f} MiB before, {resident():.1f} MiB after")
PYTHON
