"""What a wish may have besides words, and what arrives of it at a simulated task API."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot.domain.jobs import JobState
from bot.errors import Unsupported
from bot.ports import SubmitRequest
from tests.fakes.backends import Backend

KINDS = ("first", "last", "references", "sound")


async def takes(running: Backend, wish: SubmitRequest, able: str, folder: Path) -> None:
    """Each kind of `KINDS` that is in `able` arrives as it was; others are refused unsent.

    A last frame goes beside a first one, since nobody takes it alone.
    """
    pictures = {name: _painted(folder, name) for name in ("red", "blue", "green")}
    for kind in KINDS:
        wished, before = _with(wish, kind, pictures), running.posts
        if kind in able.split():
            await _arrives(running, wished)
            continue
        with pytest.raises(Unsupported):
            await running.client.submit(wished)
        assert running.posts == before
    await _arrives(running, wish)


async def _arrives(running: Backend, wish: SubmitRequest) -> None:
    made = await running.client.submit(wish)
    assert (await running.ended(made.reference)).state is JobState.FETCHING
    *_, job = running.machine.archive.all()
    assert bool(job.spec.image) == bool(wish.image)
    assert job.last == (_digest(wish.last) if wish.last else "")
    assert job.references == tuple(_digest(one) for one in wish.references)
    assert job.sound is wish.sound


def _with(wish: SubmitRequest, kind: str, pictures: Mapping[str, Path]) -> SubmitRequest:
    match kind:
        case "first":
            return replace(wish, image=pictures["red"])
        case "last":
            return replace(wish, image=pictures["red"], last=pictures["blue"])
        case "references":
            return replace(wish, references=(pictures["green"], pictures["blue"]))
        case _:
            return replace(wish, sound=False)


def _painted(folder: Path, colour: str) -> Path:
    out, file = io.BytesIO(), folder / f"{colour}.jpg"
    Image.new("RGB", (64, 36), colour).save(out, "JPEG")
    file.write_bytes(out.getvalue())
    return file


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
