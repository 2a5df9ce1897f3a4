"""The three pages that people see who add the bot to their workspace."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from bot import wording

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    # The address has Slack's code in it.
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem}"
    "h1{font-size:1.6rem}"
)


def add(link: str) -> str:
    """Where it begins; `link` leads to Slack, which asks whether the bot may."""
    return _page(wording.SLACK_ADD, wording.SLACK_ADD_ABOUT, {wording.SLACK_ADD_GO: link})


def added(team_name: str, team: str, app: str, url: str) -> str:
    """It worked. `url` is the workspace's own address; empty when that is not known."""
    links = {wording.SLACK_ADDED_OPEN: f"slack://app?team={team}&id={app}"}
    if url:
        links[wording.SLACK_ADDED_BROWSER] = url
    return _page(wording.slack_added(team_name), wording.SLACK_ADDED_ABOUT, links)


def not_added(reason: str, link: str) -> str:
    """It did not; `reason` is a word of bolt's, Slack's or ours, `link` leads to the beginning."""
    why = wording.SLACK_NOT_ADDED_WHY.get(reason, wording.SLACK_NOT_ADDED_ELSE)
    return _page(wording.SLACK_NOT_ADDED, why, {wording.SLACK_ADD_AGAIN: link})


def _page(title: str, words: str, links: Mapping[str, str]) -> str:
    anchors = "".join(
        f'<p><a href="{escape(link)}">{escape(label)}</a></p>' for label, link in links.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1><p>{escape(words)}</p>{anchors}</body></html>"
    )
