"""LiteLLM's own proxy as a process, with simulators behind it. It reaches this machine only."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO

import yaml

PROGRAM = os.environ.get("LITELLM", "")
"""Path of the command ``litellm``; empty: there is none."""
KEY = "sk-master-of-the-studio"
UPSTREAM_KEY = "key-of-the-studio"
GROUPS: Mapping[str, str] = MappingProxyType(
    {"openai": "sora-2", "vllm-omni": "wan-2.2", "gemini": "veo-3.1-generate-001"}
)
"""The model that each kind of server behind it sells.

A group is called as its model is, since ids name models: one that is called like the model of
another group is asked about that one's jobs.
"""
_READY = "Uvicorn running on"
_PATIENCE_S = 120
_NOWHERE = "http://127.0.0.1:9"
"""A way out that leads nowhere."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that answers on `port`, and the ports of what it expects behind it, by kind."""

    port: int
    behind: Mapping[str, int]


def _config(behind: Mapping[str, int]) -> dict[str, object]:
    origins = {kind: f"http://127.0.0.1:{port}" for kind, port in behind.items()}
    groups = {
        "openai": {"model": f"openai/{GROUPS['openai']}", "api_base": f"{origins['openai']}/v1"},
        "vllm-omni": {
            "model": f"hosted_vllm/{GROUPS['vllm-omni']}",
            "api_base": f"{origins['vllm-omni']}/v1",
        },
        "gemini": {"model": f"gemini/{GROUPS['gemini']}", "api_base": origins["gemini"]},
    }
    return {
        "model_list": [
            {"model_name": GROUPS[kind], "litellm_params": {**params, "api_key": UPSTREAM_KEY}}
            for kind, params in groups.items()
        ],
        "litellm_settings": {"telemetry": False},
        "general_settings": {"master_key": KEY},
        # It rests in real time, and the bot of a test waits in its own.
        "router_settings": {"disable_cooldowns": True},
    }


def _environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        "PYTHONUNBUFFERED": "1",
        # Otherwise it asks another machine what models cost.
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_TELEMETRY": "False",
        "HTTP_PROXY": _NOWHERE,
        "HTTPS_PROXY": _NOWHERE,
        "NO_PROXY": "127.0.0.1",
    }


@contextmanager
def proxy_in(home: Path) -> Generator[Proxy]:
    """A running proxy whose files are in `home`; raises `AssertionError` with its last words."""
    port, *behind = _free_ports(1 + len(GROUPS))
    running = Proxy(port, dict(zip(GROUPS, behind, strict=True)))
    config = home / "config.yaml"
    config.write_text(yaml.safe_dump(_config(running.behind)), "utf-8")
    command = [PROGRAM, "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(
        command,
        cwd=home,
        env=_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            _await_ready(process)
            yield running
        finally:
            _end(process)


def _free_ports(number: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _await_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    words: deque[str] = deque(maxlen=40)
    ready = threading.Event()
    args = (process.stdout, words, ready)
    threading.Thread(target=_listen, args=args, daemon=True).start()
    if not ready.wait(_PATIENCE_S) or process.poll() is not None:
        raise AssertionError(f"LiteLLM did not start:\n{''.join(words)}")


def _listen(output: IO[str], words: deque[str], ready: threading.Event) -> None:
    """Read all it says, so that it never waits for a reader."""
    for line in output:
        words.append(line)
        if _READY in line:
            ready.set()
    # It has ended: whoever waits may see why.
    ready.set()


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
