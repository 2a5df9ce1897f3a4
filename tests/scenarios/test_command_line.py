"""The whole job from a terminal, as a person would type it."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from adapters.media.probe import probe_file

pytestmark = pytest.mark.timeout(60)
QUICK = {"SORA_SIMULATOR_RENDER_MS": "0", "SORA_SIMULATOR_FPS": "2"}


class Terminal:
    """A shell in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        clean = {name: text for name, text in os.environ.items() if not name.startswith("SORA_")}
        self.environment = {**clean, **QUICK, "COLUMNS": "200"}

    def type(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """``sora-bot`` with `words`, until it ends."""
        return subprocess.run(
            self.command(words),
            **self.options(environment),
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """``sora-bot`` with `words`, running on."""
        return subprocess.Popen(
            self.command(words), **self.options(environment), stdout=subprocess.PIPE, text=True
        )

    def command(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "bot", *words]

    def options(self, environment: Mapping[str, str]) -> dict[str, Any]:
        return {"cwd": self.folder, "env": {**self.environment, **environment}}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@contextmanager
def stopped(process: subprocess.Popen[str]) -> Generator[None]:
    """At the end of the block it is asked to end, and does."""
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0


def url_in(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found is not None
    return found[0]


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_video_is_made_and_saved(terminal: Terminal) -> None:
    done = terminal.type("create", "a red kite over dunes", "--seconds", "4", "-o", "kite.mp4")
    assert done.returncode == 0, done.stderr
    assert "40 credits held" in done.stdout
    assert "Saved kite.mp4" in done.stdout
    assert probe_file(terminal.folder / "kite.mp4").duration_ms == pytest.approx(4000, abs=600)
    job_id = re.search(r"#(\w{10})", done.stdout)
    assert job_id is not None
    again = terminal.type("show", job_id[1][:6], "-o", "again.mp4")
    assert again.returncode == 0, again.stderr
    copies = [(terminal.folder / name).read_bytes() for name in ("kite.mp4", "again.mp4")]
    assert copies[0] == copies[1]


def test_a_refused_prompt_says_why_and_what_became_of_the_credits(terminal: Terminal) -> None:
    done = terminal.type("create", "a forbidden kite")
    assert done.returncode == 1
    assert "content rules" in done.stdout
    assert "80 credits are back" in done.stdout


def test_bad_input_names_what_is_allowed_and_costs_nothing(terminal: Terminal) -> None:
    done = terminal.type("create", "a kite", "--seconds", "7")
    assert done.returncode == 2
    assert "4, 8, 12" in done.stdout


def test_all_faulty_settings_are_named_at_once_without_a_traceback(terminal: Terminal) -> None:
    done = terminal.type("run", SORA_PORT="high", SORA_TIME_ZONE="Mars")
    assert done.returncode == 2
    assert "SORA_PORT" in done.stderr
    assert "SORA_TIME_ZONE" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_answered_with_help(terminal: Terminal) -> None:
    done = terminal.type("demonstrate")
    assert done.returncode == 2
    assert "No such command" in done.stderr


def test_a_missing_ffmpeg_is_named(terminal: Terminal) -> None:
    done = terminal.type("create", "a kite", SORA_FFMPEG_PATH="/nowhere/ffmpeg")
    assert done.returncode == 2
    assert "/nowhere/ffmpeg" in done.stderr


def test_the_database_is_made_backed_up_and_restored(terminal: Terminal) -> None:
    assert terminal.type("migrate", "--data", "one").returncode == 0
    saved = terminal.type("backup", "all.tar.gz", "--data", "one")
    assert "Saved all.tar.gz" in saved.stdout
    restored = terminal.type("restore", "all.tar.gz", "--data", "two")
    assert "Restored into two" in restored.stdout
    assert (terminal.folder / "two" / "bot.db").is_file()
    refused = terminal.type("restore", "all.tar.gz", "--data", "two")
    assert refused.returncode == 2
    assert "not empty" in refused.stderr


@pytest.mark.timeout(60)
def test_everything_but_videos_is_kept_in_postgresql(terminal: Terminal, postgres_url: str) -> None:
    there = {"SORA_DATABASE_URL": postgres_url}
    words = ("create", "a red kite over dunes", "--seconds", "4", "-o", "kite.mp4")
    done = terminal.type(*words, "--data", "one", **there)
    assert done.returncode == 0, done.stderr
    job_id = re.search(r"#(\w{10})", done.stdout)
    assert job_id is not None
    assert not list(terminal.folder.rglob("bot.db*"))
    again = terminal.type("show", job_id[1][:6], "-o", "again.mp4", "--data", "one", **there)
    assert again.returncode == 0, again.stderr
    refused = terminal.type("backup", "all.tar.gz", "--data", "one", **there)
    assert refused.returncode == 2
    assert "pg_dump" in refused.stderr
    assert not (terminal.folder / "all.tar.gz").exists()


@pytest.mark.timeout(60)
def test_tools_are_refused_on_a_postgresql_database_where_a_bot_works(
    terminal: Terminal, postgres_url: str
) -> None:
    there = {"SORA_DATABASE_URL": postgres_url, "SORA_PORT": "0", "SORA_LEASE_MS": "1000"}
    with terminal.start("run", "--data", "one", **there) as bot:
        try:
            url_in(bot)
            second = terminal.type("create", "a red kite", "--data", "two", **there)
            assert second.returncode == 2
            assert f"process {bot.pid} on " in second.stderr
            assert "Traceback" not in second.stderr
        finally:
            bot.kill()
    assert terminal.type("migrate", "--data", "two", **there).returncode == 0


def test_health_is_an_exit_status(terminal: Terminal) -> None:
    with terminal.start("demo", "--port", "0", "--data", "d") as bot:
        try:
            port = url_in(bot).rpartition(":")[2]
            assert terminal.type("health", SORA_PORT=port).returncode == 0
            second = terminal.type("demo", "--port", "0", "--data", "d")
            assert second.returncode == 2
            assert "already works on this data folder" in second.stderr
        finally:
            bot.send_signal(signal.SIGTERM)
        assert bot.wait(15) == 0
    gone = terminal.type("health", SORA_PORT=port)
    assert gone.returncode == 1
    assert "does not answer" in gone.stdout


def test_the_doctor_looks_at_a_bot_that_runs_and_at_one_that_does_not(terminal: Terminal) -> None:
    missing = terminal.type("doctor", "--data", "d")
    assert missing.returncode == 2
    assert "!!  Books: There is no database in" in missing.stdout
    assert not (terminal.folder / "d").exists()
    with terminal.start("demo", "--port", "0", "--data", "d") as bot:
        try:
            url_in(bot)
            running = terminal.type("doctor", "--data", "d")
        finally:
            bot.send_signal(signal.SIGTERM)
        assert bot.wait(15) == 0
    stopped = terminal.type("doctor", "--data", "d")
    for looked in (running, stopped):
        assert looked.returncode == 0, looked.stderr
        assert "ok  Books: credits, holds and sums agree with the jobs" in looked.stdout
        assert "ok  Unknown outcomes: none" in looked.stdout
        assert "ok  ffmpeg" in looked.stdout


def test_bills_are_compared_for_the_operator(terminal: Terminal) -> None:
    made = terminal.type("create", "a red kite", "--seconds", "4", "-o", "k.mp4", "--data", "d")
    assert made.returncode == 0, made.stderr
    told = terminal.type("reconcile", "--data", "d")
    assert told.returncode == 0, told.stderr
    assert "simulator/default · 1 job · expected $0.40" in told.stdout
    missing = terminal.type("reconcile", "--data", "elsewhere")
    assert missing.returncode == 2
    assert "There is no database in" in missing.stderr


def test_the_ledger_is_written_for_the_operator_also_while_the_bot_runs(
    terminal: Terminal,
) -> None:
    made = terminal.type("create", "a red kite", "--seconds", "4", "-o", "k.mp4", "--data", "d")
    assert made.returncode == 0, made.stderr
    with terminal.start("demo", "--port", "0", "--data", "d") as bot:
        try:
            url_in(bot)
            running = terminal.type("export", "--data", "d", "--format", "json")
        finally:
            bot.send_signal(signal.SIGTERM)
        assert bot.wait(15) == 0
    assert running.returncode == 0, running.stderr
    rows = json.loads(running.stdout)
    assert {"grant", "hold", "settle", "cost"} <= {row["kind"] for row in rows}
    saved = terminal.type("export", "terminal/local", "-o", "ledger.csv", "--data", "d")
    assert (saved.returncode, saved.stdout) == (0, "Saved ledger.csv\n")
    lines = (terminal.folder / "ledger.csv").read_text("utf-8").splitlines()
    assert lines[0].startswith("id,at,ref,kind,account")
    assert len(lines) == 1 + len(rows)
    for words, told in (
        (("elsewhere/demo",), "There is no workspace “elsewhere/demo”. Name one: "),
        (("-o", "nowhere/ledger.csv"), "No such file or directory"),
    ):
        refused = terminal.type("export", *words, "--data", "d")
        assert refused.returncode in {1, 2}
        assert told in refused.stderr
        assert "Traceback" not in refused.stderr


def test_the_library_is_written_with_its_videos(terminal: Terminal) -> None:
    made = terminal.type("create", "=a red kite", "--seconds", "4", "-o", "k.mp4", "--data", "d")
    assert made.returncode == 0, made.stderr
    saved = terminal.type("export-library", "-o", "library.zip", "--data", "d")
    assert (saved.returncode, saved.stdout) == (0, "Saved library.zip: 1 video\n"), saved.stderr
    with ZipFile(terminal.folder / "library.zip") as archive:
        assert archive.testzip() is None
        (told,) = map(json.loads, archive.read("provenance.jsonl").splitlines())
        content = archive.read(told["file"])
        assert "'=a red kite" in archive.read("library.csv").decode()
    assert hashlib.sha256(content).hexdigest() == told["sha256"]
    assert content == (terminal.folder / "k.mp4").read_bytes()
    refused = terminal.type("export-library", "-o", "nowhere/library.zip", "--data", "d")
    assert refused.returncode == 1
    assert "No such file or directory" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_simulator_runs_alone_for_other_clients(terminal: Terminal) -> None:
    words = ("simulate", "--port", "0", "--token", "secret", "--instant", "--control")
    with terminal.start(*words) as simulator:
        try:
            url = url_in(simulator)
            assert httpx.get(f"{url}/videos", trust_env=False).status_code == 401
            headers = {"Authorization": "Bearer secret"}
            listed = httpx.get(f"{url}/videos", headers=headers, trust_env=False)
            assert listed.json()["data"] == []
        finally:
            simulator.send_signal(signal.SIGINT)
        assert simulator.wait(15) == 0


SOLD = """
[[model]]
provider = "fal"
name = "kite-maker"
upstream = "fal-ai/kling-video/v2.5/text-to-video"
seconds = [5]
default_seconds = 5
default_size = "1280x720"
prices = { "1280x720" = 7 }
typical_ms = 1000
source = "a test"
as_of = 2026-11-27
"""


def test_a_provider_with_an_api_of_its_own_needs_its_name_and_key_alone(terminal: Terminal) -> None:
    (terminal.folder / "models.toml").write_text(SOLD)
    words = ("--port", "0", "--dialect", "fal", "--token", "secret", "--instant")
    with terminal.start("simulate", *words) as simulator:
        try:
            made = terminal.type(
                *("create", "a red kite"),
                SORA_PROVIDER="fal",
                SORA_PROVIDER_URL=url_in(simulator),
                SORA_PROVIDER_KEY="secret",
                SORA_CATALOGUE_FILE="models.toml",
            )
        finally:
            simulator.send_signal(signal.SIGINT)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "35 credits held" in made.stdout
    assert "Saved" in made.stdout


def test_what_a_provider_lists_becomes_a_catalogue(terminal: Terminal) -> None:
    (terminal.folder / "models").mkdir()
    with terminal.start("simulate", "--port", "0", "--dialect", "openrouter") as simulator:
        try:
            words = (
                "models",
                "refresh",
                "--url",
                url_in(simulator),
                "--write",
                "models/openrouter.toml",
            )
            read = terminal.type(*words)
            assert read.returncode == 0, read.stderr
            assert "models can be sold" in read.stderr
            (terminal.folder / "models/own.toml").write_text("")
            assert "Name a new file" in terminal.type(*words[:-1], "models/own.toml").stderr
        finally:
            simulator.send_signal(signal.SIGINT)
    told = terminal.type("models", SORA_CATALOGUE_FILE="models").stdout
    assert "sora-2 at openrouter: 10 credits a second (openrouter.ai" in told


def test_the_manifest_for_slack_is_printed_without_any_token(terminal: Terminal) -> None:
    done = terminal.type("slack", "manifest", "--replies")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["settings"]["socket_mode_enabled"]
    assert "channels:history" in made["oauth_config"]["scopes"]["bot"]


def test_the_manifest_for_slack_follows_the_settings(terminal: Terminal) -> None:
    signed = {"SORA_SLACK_SIGNING_SECRET": "signs"}
    refused = terminal.type("slack", "manifest", **signed)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "SORA_PUBLIC_URL" in refused.stderr
    signed["SORA_PUBLIC_URL"] = "https://sora.example"
    made = json.loads(terminal.type("slack", "manifest", **signed).stdout)
    assert made["settings"]["interactivity"]["request_url"] == "https://sora.example/slack/events"
    by_sockets = {"SORA_SLACK_BOT_TOKEN": "xoxb-1", "SORA_SLACK_APP_TOKEN": "xapp-1"}
    made = json.loads(terminal.type("slack", "manifest", **signed, **by_sockets).stdout)
    assert made["settings"]["socket_mode_enabled"]
    made = json.loads(terminal.type("slack", "manifest", "--http", **signed, **by_sockets).stdout)
    assert not made["settings"]["socket_mode_enabled"]


def test_the_doctor_for_slack_begins_with_the_app(terminal: Terminal) -> None:
    done = terminal.type("doctor", "slack")
    assert done.returncode == 2, done.stderr
    assert "SORA_SLACK_BOT_TOKEN is not set" in done.stdout
    assert "https://api.slack.com/apps?new_app=1&manifest_json=" in done.stdout


def test_the_doctor_for_backends_looks_at_one_account_or_all(terminal: Terminal) -> None:
    done = terminal.type("doctor", "provider")
    assert done.returncode == 0, done.stderr
    assert "built-in simulator" in done.stdout
    nobody = f"http://127.0.0.1:{unused_port()}/v1"
    mine = {"SORA_PROVIDER": "mine", "SORA_PROVIDER_URL": nobody}
    done = terminal.type("doctor", "provider", "--account", "mine/default", **mine)
    assert done.returncode == 2, done.stderr
    assert "mine/default: nobody answers" in done.stdout
    assert "→ Check the URL" in done.stdout
    done = terminal.type("doctor", "provider", "--account", "yours/default", **mine)
    assert done.returncode == 2
    assert "There is no account yours/default; there are: mine/default." in done.stderr


def test_a_running_bot_has_the_page_where_workspaces_of_slack_add_it(terminal: Terminal) -> None:
    address = f"http://127.0.0.1:{unused_port()}"
    many = {
        "SORA_PORT": address.rpartition(":")[2],
        "SORA_PUBLIC_URL": address,
        "SORA_SLACK_CLIENT_ID": "12.34",
        "SORA_SLACK_CLIENT_SECRET": "hush",
        "SORA_SLACK_SIGNING_SECRET": "signs",
        "SORA_SLACK_TOKEN_KEY": "A" * 43 + "=",
    }
    with terminal.start("run", "--data", "d", **many) as bot:
        try:
            page = httpx.get(f"{url_in(bot)}/slack/install", trust_env=False)
            back = httpx.get(f"{address}/slack/oauth_redirect?code=1&state=2", trust_env=False)
        finally:
            bot.send_signal(signal.SIGTERM)
        assert bot.wait(15) == 0
    assert page.status_code == 200
    assert "https://slack.com/oauth/v2/authorize?" in page.text
    assert "client_id=12.34" in page.text
    assert f"redirect_uri={address}/slack/oauth_redirect" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert back.status_code == 400
    assert "Nothing was added" in back.text


def test_whoever_does_not_wait_is_told_how_to_get_the_video_later(terminal: Terminal) -> None:
    slow = {"SORA_SIMULATOR_RENDER_MS": "60000"}
    with terminal.start("create", "a slow kite", "--seconds", "4", **slow) as bot:
        assert bot.stdout is not None
        first = bot.stdout.readline()
        second = bot.stdout.readline()
        assert "credits held" in first
        assert second
        bot.send_signal(signal.SIGINT)
        left = bot.stdout.read()
        assert bot.wait(20) == 130
    job_id = re.search(r"#(\w{10})", first)
    assert job_id is not None
    assert f"sora-bot show {job_id[1]}" in left


def test_a_job_that_was_left_is_waited_for_again(terminal: Terminal) -> None:
    slow = {"SORA_SIMULATOR_RENDER_MS": "3000"}
    with terminal.start("create", "a slow kite", "--seconds", "4", **slow) as bot:
        assert bot.stdout is not None
        job_id = re.search(r"#(\w{10})", bot.stdout.readline())
        bot.send_signal(signal.SIGINT)
        assert bot.wait(20) == 130
    assert job_id is not None
    done = terminal.type("show", job_id[1], "-o", "kite.mp4", **slow)
    assert done.returncode == 0, done.stdout
    assert (terminal.folder / "kite.mp4").is_file()


def test_a_look_at_a_video_server_costs_nothing_and_writes_its_settings(
    terminal: Terminal,
) -> None:
    words = ("simulate", "--port", "0", "--dialect", "litellm", "--token", "k-12345")
    with terminal.start(*words) as server, stopped(server):
        url = url_in(server)
        looked = terminal.type(
            "provider", "probe", url, "--key-from", "GATE_KEY", GATE_KEY="k-12345"
        )
        assert looked.returncode == 0, looked.stderr
        assert "profile litellm" in looked.stdout
        assert 'key_from = "GATE_KEY"' in looked.stdout
        assert "k-12345" not in looked.stdout
    gone = terminal.type("provider", "probe", url)
    assert gone.returncode == 2
    assert "Nobody answers" in gone.stderr


def test_an_order_for_trial_is_made_only_after_a_yes(terminal: Terminal) -> None:
    words = ("simulate", "--port", "0", "--instant", "--control")
    with terminal.start(*words) as server, stopped(server):
        url = url_in(server)
        stats = url.removesuffix("/v1") + "/simulator/stats"
        refused = terminal.type("provider", "probe", url, "--spend")
        assert refused.returncode == 130
        assert httpx.get(stats).json()["posts"] == 0
        tried = terminal.type("provider", "probe", url, "--spend", "--yes")
        assert tried.returncode == 0, tried.stdout + tried.stderr
        assert "an MP4 of" in tried.stdout
        assert httpx.get(stats).json()["posts"] == 1
