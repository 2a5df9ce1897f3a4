"""Runs the real bot as a process that speaks to our own server, so that a test can kill it.

python -m tests.fakes.discord_server.launch URL GATEWAY arguments of sora-bot…
"""

import sys

from bot.__main__ import main
from tests.fakes.discord_server.redirect import redirected


def launch() -> None:
    """Hand over to the command line of the bot."""
    url, gateway, *arguments = sys.argv[1:]
    sys.argv[1:] = arguments
    with redirected(url, gateway):
        main()


if __name__ == "__main__":
    launch()
