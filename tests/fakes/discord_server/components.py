"""Trees of components: how to walk, read and echo them."""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.discord_server.files import Attachment
from tests.fakes.discord_server.payloads import parts

ROW, BUTTON, SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = (3, 5, 6, 7, 8)
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD = 17, 18, 19
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23
LINK_BUTTON = 5

Component = dict[str, Any]


def walk(components: Iterable[Component]) -> Iterator[Component]:
    """Every component, parents before children."""
    for component in components:
        yield component
        yield from walk(parts(component, "components"))
        for name in ("accessory", "component"):
            if component.get(name):
                yield from walk([component[name]])


def texts(components: Iterable[Component]) -> list[str]:
    """All text displays, from top to bottom."""
    return [part["content"] for part in walk(components) if part["type"] == TEXT]


def media(components: Iterable[Component]) -> Iterator[tuple[Component, str]]:
    """Every place that shows a file: its holder, and under which key the media item is."""
    for part in walk(components):
        if part["type"] == GALLERY:
            yield from ((item, "media") for item in part["items"])
        elif part["type"] == THUMBNAIL:
            yield part, "media"
        elif part["type"] == FILE:
            yield part, "file"


def file_of(url: str, files: Iterable[Attachment]) -> Attachment | None:
    """The file that a media address means: by name, or by its own link."""
    if url.startswith("attachment://"):
        name = url.removeprefix("attachment://")
        return next((file for file in files if file.name == name), None)
    bare = urlsplit(url).path
    return next((file for file in files if urlsplit(file.url).path == bare), None)


def fill(components: list[Component], files: list[Attachment]) -> None:
    """Add what Discord adds when it gives components back."""
    taken = {part["id"] for part in walk(components) if part.get("id")}
    free = (number for number in count(1) if number not in taken)
    for part in walk(components):
        if not part.get("id"):
            part["id"] = next(free)
        if part["type"] in {CONTAINER, FILE, THUMBNAIL}:
            part.setdefault("spoiler", False)
    for holder, key in media(components):
        _fill_media(holder, key, files)


def _fill_media(holder: Component, key: str, files: list[Attachment]) -> None:
    url = holder[key]["url"]
    holder.setdefault("spoiler", False)
    found = file_of(url, files)
    if found is None:
        shown: Component = {"url": url, "proxy_url": url, "loading_state": 1, "placeholder": ""}
        holder[key] = shown
        return
    holder[key] = found.to_media()
    if key == "file":
        holder |= {"name": found.name, "size": found.size}
