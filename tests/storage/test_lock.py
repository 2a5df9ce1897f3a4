"""One bot for one data folder, also when the other one is a process that died."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import SecondInstance
from storage.lock import Lock

HOLD = """
import sys
from pathlib import Path
from storage.lock import Lock
lock = Lock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_lock_says_who_holds_it(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    with pytest.raises(SecondInstance) as refused:
        Lock(tmp_path / "lock")
    assert refused.value.holder.startswith(f"process {os.getpid()} on ")
    lock.release()


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    Lock(tmp_path / "lock").release()
    assert (tmp_path / "lock").read_text() == ""
    Lock(tmp_path / "lock").release()


def test_a_lock_keeps_out_another_process_until_that_one_dies(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(SecondInstance, match=f"process {holder.pid} on"):
            Lock(path)
        holder.kill()
    Lock(path).release()
