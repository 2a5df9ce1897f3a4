"""One bot for one data folder: a second one is refused."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path

from bot.errors import SecondInstance


def this_process() -> str:
    """What others are told about whoever holds the data."""
    return f"process {os.getpid()} on {socket.gethostname()}"


class Lock:
    """Holds a lock file until released. The kernel lets go of it when the process dies."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._file, 200, 0).decode(errors="replace").strip()
            os.close(self._file)
            raise SecondInstance(holder) from None
        # The file stays for ever: removing it would let two processes lock two files.
        os.truncate(self._file, 0)
        os.write(self._file, f"{this_process()}\n".encode())

    def release(self) -> None:
        """Let the next one in."""
        os.truncate(self._file, 0)
        os.close(self._file)
