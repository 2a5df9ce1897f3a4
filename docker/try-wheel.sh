#!/usr/bin/env bash
# What docker/Dockerfile does, without Docker: build the wheel, install it with the pinned
# requirements into an empty folder, then start, ask, and stop it as a container would be.
#
#   docker/try-wheel.sh            both commands
#   docker/try-wheel.sh run        one of them: demo, run
#   PYTHON=python3.13 docker/try-wheel.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PYTHON="${PYTHON:-python3}"
START_SECONDS=60
STOP_SECONDS=30
work="$(mktemp -d)"
bot_pid=""

say() { printf '%s\n' "— $*"; }

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    for log in "$work"/*.log; do
        [ -e "$log" ] && { printf '%s:\n' "${log##*/}"; tail -n 40 "$log"; } >&2
    done
    exit 1
}

clean_up() {
    # The bot leads a session of its own; its whole group goes with it.
    [ -z "$bot_pid" ] || kill -KILL -- "-$bot_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

pip_install() { "$work/$1/bin/python" -m pip --disable-pip-version-check --no-input install --quiet "${@:2}"; }

build() {
    say "build the wheel"
    "$PYTHON" -m venv "$work/build"
    pip_install build --require-hashes --only-binary :all: -r requirements/build.txt
    "$work/build/bin/hatchling" build --target wheel --directory "$work/dist" >"$work/build.log" 2>&1 \
        || fail "the wheel was not built"
}

install() {
    say "install it with the pinned requirements"
    "$PYTHON" -m venv "$work/venv"
    pip_install venv --require-hashes --only-binary :all: -r requirements/run.txt
    pip_install venv --no-deps --no-index "$work"/dist/*.whl
    pip_install venv --dry-run --no-index sora-bot >/dev/null || fail "the pins do not satisfy the wheel"
}

free_port() {
    "$work/venv/bin/python" -c 'import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])'
}

# Prints the body; fails on any status but 200.
get() {
    "$work/venv/bin/python" -c 'import sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=5) as answer:
    sys.stdout.buffer.write(answer.read())' "$1"
}

# What a container would give the program: no variables but its own, an empty home.
set_environment() {
    environment=(
        PATH="$work/venv/bin:/usr/bin:/bin" HOME="$work/home" TMPDIR="$work/tmp" LANG=C.UTF-8
        PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
        SORA_DATA_DIR="$work/data-$mode" SORA_HOST=127.0.0.1 SORA_PORT="$port"
    )
}

health() { env -i "${environment[@]}" sora-bot health; }

wait_until_healthy() {
    local until=$((SECONDS + START_SECONDS))
    until get "$url/healthz" >/dev/null 2>&1; do
        kill -0 "$bot_pid" 2>/dev/null || fail "sora-bot $mode ended before it answered"
        [ "$SECONDS" -lt "$until" ] || fail "sora-bot $mode does not answer after ${START_SECONDS} s"
        sleep 0.2
    done
}

start() {
    mkdir -p "$work/home" "$work/tmp" "$work/empty"
    local -a command=(sora-bot "$mode")
    [ "$mode" = run ] || command+=(--port "$port" --data "$work/data-$mode")
    (cd "$work/empty" && exec env -i "${environment[@]}" setsid "${command[@]}") \
        >"$work/$mode.log" 2>&1 </dev/null &
    bot_pid=$!
}

stop() {
    local until=$((SECONDS + STOP_SECONDS)) status=0
    kill -TERM "$bot_pid"
    while kill -0 "$bot_pid" 2>/dev/null && [ "$SECONDS" -lt "$until" ]; do sleep 0.1; done
    kill -0 "$bot_pid" 2>/dev/null && fail "sora-bot $mode still runs ${STOP_SECONDS} s after SIGTERM"
    wait "$bot_pid" || status=$?
    [ "$status" = 0 ] || fail "sora-bot $mode ended with status $status after SIGTERM"
}

check_nothing_is_left() {
    [ -z "$(pgrep -g "$bot_pid" || true)" ] || fail "processes of sora-bot $mode live on"
    ! get "$url/healthz" >/dev/null 2>&1 || fail "somebody still answers at $url"
    local place
    for place in home tmp empty; do
        [ -z "$(ls -A "$work/$place")" ] || fail "sora-bot $mode left in $place: $(ls -A "$work/$place")"
    done
    [ -n "$(ls -A "$work/data-$mode")" ] || fail "sora-bot $mode wrote nothing into its data folder"
    bot_pid=""
}

try() {
    mode="$1" port="$(free_port)"
    url="http://127.0.0.1:$port"
    set_environment
    say "sora-bot $mode on port $port"
    start
    wait_until_healthy
    get "$url/" >"$work/page.html" || fail "no page at $url/"
    grep -qi '<html' "$work/page.html" || fail "what $url/ sends is no page"
    [ "$mode" = run ] || grep -q "$url" "$work/$mode.log" || fail "sora-bot demo did not print $url"
    health >/dev/null || fail "sora-bot health does not see the running bot"
    stop
    ! health >/dev/null 2>&1 || fail "sora-bot health sees a bot that has stopped"
    check_nothing_is_left
}

build
install
for each in "${@:-demo run}"; do
    for one in $each; do try "$one"; done
done
say "all good: $(basename "$work"/dist/*.whl)"
