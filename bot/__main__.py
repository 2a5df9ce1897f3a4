"""The command line: long runs, one job on the terminal, and what operators need."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn, TypeVar

import click
from rich.console import Console
from rich.logging import RichHandler

from bot import __version__, backends, bootstrap, wording
from bot.app import keep_pauses_short
from bot.domain.catalogue import as_toml
from bot.domain.exports import Format
from bot.domain.findings import Finding
from bot.domain.messages import Message, Tone, plain
from bot.domain.probes import Probe
from bot.domain.reports import When
from bot.domain.videos import size_of
from bot.errors import ConfigError, MediaFailed, ProviderError, SecondInstance
from bot.ports import SubmitRequest
from bot.settings import Settings, load

T = TypeVar("T")
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)
FAULT = 2
"""Exit status when the operator or the person has to change something."""

REPLACED = 75
"""A passing fault, as mail programs say it: whoever looks after the bot starts it again."""
NO_VIDEO = 1
"""The job ended without a video; the card said why."""
INTERRUPTED = 130
"""As shells say it."""
ALONE: Mapping[str, str] = {
    "database_url": "",
    "provider": "simulator",
    "provider_url": "",
    "providers_file": "",
    "discord_token": "",
    "slack_bot_token": "",
    "slack_app_token": "",
    "slack_signing_secret": "",
    "slack_client_id": "",
    "slack_client_secret": "",
    "slack_token_key": "",
}
"""Settings that keep the bot away from backends, chats and databases of others."""

data_option = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help=wording.CLI_DATA
)


def main() -> None:
    """Run a command; faults that somebody can mend are sentences, not tracebacks."""
    try:
        cli(standalone_mode=False)
    except ConfigError as error:
        _fail(*error.complaints)
    except SecondInstance as error:
        _fail(wording.cli_second(error.holder))
    except MediaFailed as error:
        _fail(str(error))
    except click.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


def _fail(*sentences: str) -> NoReturn:
    for sentence in sentences:
        errors.print(sentence, markup=False, soft_wrap=True)
    sys.exit(FAULT)


@click.group(help=wording.CLI_ABOUT, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sora-bot")
def cli() -> None:
    """All commands."""


# --- long-running ---------------------------------------------------------------------------


@cli.command(help=wording.CLI_DEMO)
@click.option("--port", type=click.IntRange(0, 65535), help=wording.CLI_PORT)
@data_option
def demo(port: int | None, data: Path | None) -> None:
    """The bot on the built-in simulator, whatever the environment says of backends."""
    settings = load(
        data_dir=data or Path("demo-data"),
        port=bootstrap.free_port(load(**ALONE).port) if port is None else port,
        log_level="warning",
        **ALONE,
    )
    _log(settings)
    asyncio.run(_serve(settings))


@cli.command(help=wording.CLI_RUN)
@data_option
def run(data: Path | None) -> None:
    """The bot as the settings say."""
    settings = load(data_dir=data)
    _log(settings)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stop, replaced = _stop_signal(), asyncio.Event()
    async with AsyncExitStack() as stack:
        bot = bootstrap.web_bot(settings, replaced.set)
        # It may have to wait for its turn for long, and be stopped meanwhile.
        url = await _first(stack.enter_async_context(bot), stop)
        if url is None:
            return
        keep_pauses_short()
        console.print(wording.cli_ready(url), markup=False, soft_wrap=True)
        await _first(replaced.wait(), stop)
        console.print(wording.CLI_STOPPING, markup=False)
    if replaced.is_set():
        errors.print(wording.CLI_REPLACED, markup=False, soft_wrap=True)
        sys.exit(REPLACED)


def _stop_signal() -> asyncio.Event:
    """Set by Ctrl-C or a polite kill; a second one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked(number: signal.Signals) -> None:
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked, number)
    return stop


def _log(settings: Settings) -> None:
    handler = RichHandler(console=errors, show_path=False, markup=False)
    logging.basicConfig(level=settings.log_level.upper(), format="%(message)s", handlers=[handler])
    # One line for every request and every timer says nothing about the bot. Whole addresses, as in
    # the lines of httpx, may be secret.
    for chatty in ("httpx", "httpcore", "apscheduler", "uvicorn", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))


# --- one job on the terminal ------------------------------------------------------------------


@cli.command(help=wording.CLI_CREATE)
@click.argument("prompt")
@click.option("--model", help=wording.CLI_MODEL)
@click.option("--size", help=wording.CLI_SIZE)
@click.option("--seconds", help=wording.CLI_SECONDS)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=wording.CLI_OUTPUT
)
@data_option
def create(
    prompt: str,
    model: str | None,
    size: str | None,
    seconds: str | None,
    output: Path | None,
    data: Path | None,
) -> None:
    """Order one video, watch it, copy it."""
    given = {"prompt": prompt, "model": model, "size": size, "seconds": seconds}
    args = {name: text for name, text in given.items() if text}
    sys.exit(asyncio.run(_create(_quiet(data), args, output)))


@cli.command(help=wording.CLI_SHOW)
@click.argument("job")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=wording.CLI_OUTPUT
)
@data_option
def show(job: str, output: Path | None, data: Path | None) -> None:
    """Fetch the video of an earlier job."""
    sys.exit(asyncio.run(_show(_quiet(data), job, output)))


def _quiet(data: Path | None) -> Settings:
    settings = load(data_dir=data)
    _log(settings.model_copy(update={"log_level": "error"}))
    return settings


async def _create(settings: Settings, args: dict[str, str], output: Path | None) -> int:
    stop = _stop_signal()
    async with bootstrap.terminal_bot(settings, console) as terminal:
        reply = await terminal.ask("create", args)
        terminal.chat.say(reply.message)
        if reply.refused:
            return FAULT
        return await _watch(terminal.chat, stop, reply.jobs[0], output)


async def _show(settings: Settings, job: str, output: Path | None) -> int:
    """What still runs is waited for, what failed is told, what is done is copied."""
    stop = _stop_signal()
    async with bootstrap.terminal_bot(settings, console) as terminal:
        reply = await terminal.ask("status", {"job": job})
        tone = reply.message.tone
        if not reply.refused and tone is Tone.GOOD:
            again = bootstrap.new_job_id()
            await terminal.ask("show", {"job": job}, again)
            return await _watch(terminal.chat, stop, again, output)
        terminal.chat.say(reply.message)
        if not reply.refused and tone is Tone.BUSY:
            running = reply.message.buttons[-1].args["job"]
            return await _watch(terminal.chat, stop, running, output)
        return FAULT if reply.refused else NO_VIDEO


async def _watch(
    chat: bootstrap.TerminalChat, stop: asyncio.Event, name: str, output: Path | None
) -> int:
    with chat:
        outcome = await _first(chat.ended(name), stop)
    if outcome is None:
        console.print(wording.cli_left(name), markup=False, soft_wrap=True)
        return INTERRUPTED
    if isinstance(outcome, Message):
        chat.say(outcome)
        return NO_VIDEO
    target = output or Path(outcome.filename)
    await asyncio.to_thread(shutil.copyfile, outcome.path, target)
    console.print(wording.cli_saved(str(target), outcome.size), markup=False, soft_wrap=True)
    return 0


async def _first(ending: Awaitable[T], stop: asyncio.Event) -> T | None:
    """What `ending` gives, or None when the person does not want to wait for it."""
    end = asyncio.ensure_future(ending)
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait({end, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if end.done():
        return end.result()
    end.cancel()
    await asyncio.wait({end})
    return None


# --- for operators ----------------------------------------------------------------------------


@cli.command(help=wording.CLI_SIMULATE)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True)
@click.option(
    "--dialect",
    type=click.Choice(backends.SIMULATED),
    default="openai",
    show_default=True,
    help=wording.CLI_DIALECT,
)
@click.option("--instant", is_flag=True, help=wording.CLI_INSTANT)
@click.option("--control", is_flag=True, help=wording.CLI_CONTROL)
@click.option("--token", default="", help=wording.CLI_BEARER)
@click.option("--render-ms", type=click.IntRange(0), default=4000, show_default=True)
@click.option("--fps", type=click.IntRange(1, 60), default=24, show_default=True)
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), help=wording.CLI_STATE)
def simulate(host: str, port: int, **options: object) -> None:
    """The simulated backend alone, for clients that speak its contract."""
    asyncio.run(_simulate(host, port, options))


async def _simulate(host: str, port: int, options: dict[str, object]) -> None:
    stop = _stop_signal()
    async with backends.simulator(host, port, options) as url:
        console.print(wording.cli_simulating(url), markup=False, soft_wrap=True)
        await stop.wait()


@cli.command(help=wording.CLI_MIGRATE)
@data_option
def migrate(data: Path | None) -> None:
    """Bring the database up to date without starting the bot."""
    settings = load(data_dir=data)
    asyncio.run(bootstrap.migrate(settings))
    console.print(wording.CLI_MIGRATED, markup=False)


@cli.command(help=wording.CLI_HEALTH)
def health() -> None:
    """Whether the bot that runs here answers."""
    healthy = asyncio.run(bootstrap.is_healthy(load()))
    console.print(wording.cli_health(healthy=healthy), markup=False)
    sys.exit(0 if healthy else 1)


@cli.group(help=wording.CLI_DOCTOR, invoke_without_command=True)
@data_option
@click.pass_context
def doctor(context: click.Context, data: Path | None) -> None:
    """What every bot needs; what a chat needs beside has a command of its own."""
    if context.invoked_subcommand is None:
        sys.exit(asyncio.run(_examine(bootstrap.examine(load(data_dir=data)))))


@doctor.command("discord", help=wording.CLI_DOCTOR_DISCORD)
def doctor_discord() -> None:
    """Everything on Discord's side."""
    sys.exit(asyncio.run(_examine(bootstrap.examine_discord(load()))))


@doctor.command("slack", help=wording.CLI_DOCTOR_SLACK)
def doctor_slack() -> None:
    """Everything on Slack's side."""
    sys.exit(asyncio.run(_examine(bootstrap.examine_slack(load()))))


@doctor.command("provider", help=wording.CLI_DOCTOR_PROVIDER)
@click.option("--account", default="", help=wording.CLI_ACCOUNT)
def doctor_provider(account: str) -> None:
    """Every account of a video backend, or one."""
    sys.exit(asyncio.run(_examine(backends.examine_providers(load(), account))))


@cli.group(help=wording.CLI_MODELS, invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """The catalogue as it stands today."""
    if context.invoked_subcommand is None:
        settings = load()
        today = datetime.now(settings.zone).date()
        for model in backends.read_catalogue(settings):
            console.print(wording.model_line(model, today), markup=False, soft_wrap=True)


@models.command("refresh", help=wording.CLI_MODELS_REFRESH)
@click.option("--provider", default="openrouter", help=wording.CLI_MODELS_PROVIDER)
@click.option("--url", default="", help=wording.CLI_MODELS_URL)
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help=wording.CLI_WRITE)
def models_refresh(provider: str, url: str, write: Path | None) -> None:
    """Entries for a catalogue: on the terminal, or in a file that holds nothing else."""
    try:
        found = asyncio.run(backends.refresh_models(provider, url))
    except ProviderError as error:
        _fail(wording.models_unread(error.message))
    text = f"{wording.MODELS_HEAD}\n\n{as_toml(found.models)}"
    if write is None:
        console.print(text, markup=False, soft_wrap=True)
    elif write.exists() and not write.read_text("utf-8").startswith(wording.MODELS_HEAD):
        _fail(wording.not_our_models(str(write)))
    else:
        write.write_text(text, "utf-8")
    for name, why in found.left_out:
        errors.print(wording.model_left_out(name, why), markup=False, soft_wrap=True)
    errors.print(wording.models_read(len(found.models)), markup=False)


async def _examine(findings: AsyncIterator[Finding]) -> int:
    """Tell each finding as it comes; a fault that somebody can mend is the exit status."""
    status = 0
    async for finding in findings:
        console.print(wording.finding_line(finding), markup=False, soft_wrap=True)
        status = status if finding.fine else FAULT
    return status


@cli.command(help=wording.CLI_RECONCILE)
@click.option(
    "--period",
    type=click.Choice([each.value for each in When]),
    default=When.MONTH.value,
    help=wording.CLI_PERIOD,
)
@data_option
def reconcile(period: str, data: Path | None) -> None:
    """Of all workspaces together."""
    span = When(period)
    found = asyncio.run(bootstrap.reconcile(load(data_dir=data), span))
    lines = [wording.reconciled_head(span)] if found else [wording.NOTHING_MADE]
    for line in (*lines, *(line for one in found for line in wording.comparison_lines(one))):
        console.print(plain(line), markup=False, soft_wrap=True)


@cli.command(help=wording.CLI_EXPORT)
@click.argument("workspace", default="")
@click.option(
    "--format",
    "kind",
    type=click.Choice([each.value for each in Format]),
    default=Format.CSV.value,
    help=wording.CLI_FORMAT,
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=wording.CLI_EXPORT_TO
)
@data_option
def export(workspace: str, kind: str, output: Path | None, data: Path | None) -> None:
    """The ledger and nothing else, to be kept or piped."""
    content = asyncio.run(bootstrap.export(load(data_dir=data), workspace, Format(kind)))
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise click.FileError(str(output), error.strerror or "") from error
    console.print(wording.cli_file_saved(str(output), ""), markup=False, soft_wrap=True)


@cli.command("export-library", help=wording.CLI_EXPORT_LIBRARY)
@click.argument("workspace", default="")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=wording.CLI_LIBRARY_TO,
)
@data_option
def export_library(workspace: str, output: Path, data: Path | None) -> None:
    """The videos themselves, and where they come from."""
    try:
        number = asyncio.run(bootstrap.export_library(load(data_dir=data), workspace, output))
    except OSError as error:
        raise click.FileError(str(output), error.strerror or "") from error
    about = wording.counted(number, "video")
    console.print(wording.cli_file_saved(str(output), about), markup=False, soft_wrap=True)


@cli.group(help=wording.CLI_PROVIDER)
def provider() -> None:
    """What is found out about backends."""


@provider.command("probe", help=wording.CLI_PROBE)
@click.argument("url")
@click.option("--key-from", default="", help=wording.CLI_KEY_FROM)
@click.option("--spend", is_flag=True, help=wording.CLI_SPEND)
@click.option("--yes", is_flag=True, help=wording.CLI_YES)
@click.option("--model", default="", help=wording.CLI_MODEL)
@click.option("--size", default="1280x720", show_default=True, help=wording.CLI_SIZE)
@click.option("--seconds", type=click.IntRange(1, 60), default=4, show_default=True)
def provider_probe(url: str, key_from: str, **options: object) -> None:
    """What is at a URL; with --spend also whether a video comes out."""
    found = asyncio.run(backends.probe(url, key_from))
    status = _told(wording.probe_findings(found))
    if found.fits:
        _print_settings(found, key_from)
    if found.fits and options["spend"]:
        status = max(status, _try_out(found, key_from, options))
    sys.exit(status)


def _told(findings: Iterable[Finding]) -> int:
    """Print findings; the exit status."""
    status = 0
    for finding in findings:
        console.print(wording.finding_line(finding), markup=False, soft_wrap=True)
        status = status if finding.fine else FAULT
    return status


def _print_settings(found: Probe, key_from: str) -> None:
    """What can be copied into the two files."""
    name = found.profile if found.profile != "custom" else "gateway"
    click.echo(f"\n{wording.probe_account(found, name, key_from)}")
    click.echo(wording.probe_catalogue(found, name, datetime.now(UTC).date()))


def _try_out(found: Probe, key_from: str, options: Mapping[str, object]) -> int:
    """One video, after a yes; the exit status."""
    model = str(options["model"]) or next(iter(found.models), "")
    size, seconds = size_of(str(options["size"])), int(str(options["seconds"]))
    if not model:
        raise click.UsageError(wording.CLI_NO_MODEL)
    if size is None:
        raise click.BadParameter(wording.CLI_SIZE, param_hint="--size")
    if not options["yes"]:
        click.confirm(wording.trial_confirm(found.url, model, seconds), abort=True)
    wish = SubmitRequest(wording.TRIAL_PROMPT, model, size, seconds)
    return asyncio.run(_examine(backends.trial(found, key_from, wish)))


@cli.group(help=wording.CLI_SLACK)
def slack() -> None:
    """What is done at Slack's own pages."""


@slack.command("manifest", help=wording.CLI_SLACK_MANIFEST)
@click.option("--replies", is_flag=True, help=wording.CLI_REPLIES)
@click.option("--http", is_flag=True, help=wording.CLI_HTTP)
def slack_manifest(*, replies: bool, http: bool) -> None:
    """JSON and nothing else, to be copied or piped."""
    made = bootstrap.slack_manifest(load(), replies=replies, http=http)
    click.echo(json.dumps(made, indent=2))


@cli.command(help=wording.CLI_BACKUP)
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@data_option
def backup(archive: Path, data: Path | None) -> None:
    """Everything in one file, also while the bot runs."""
    settings = load(data_dir=data)
    size = bootstrap.backup(settings, archive)
    console.print(wording.cli_saved(str(archive), size), markup=False)


@cli.command(help=wording.CLI_RESTORE)
@click.argument("archive", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@data_option
def restore(archive: Path, data: Path | None) -> None:
    """A backup into an empty data folder."""
    settings = load(data_dir=data)
    bootstrap.restore(settings, archive)
    console.print(wording.cli_restored(str(settings.data_dir)), markup=False)


if __name__ == "__main__":
    main()
