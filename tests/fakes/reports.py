"""A core that answers everything with a report: words, a picture and a document."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from bot.domain.messages import Attachment, Invocation, Message, Reply


def _png() -> bytes:
    target = BytesIO()
    Image.new("RGB", (120, 80), "#b8431f").save(target, "PNG")
    return target.getvalue()


CHART = Attachment("usage.png", _png(), "image/png", "Credits spent: Ana 1,200, Ben 300")
LEDGER = Attachment("ledger.csv", b"who,credits\nana,1200\n", "text/csv", "All entries")
REPORT = Message((("Spent in November:",),), attachments=(CHART, LEDGER))
CONTENTS = {file.name: file.content for file in REPORT.attachments}


async def report(asked: Invocation) -> Reply:
    """For the asker alone."""
    return Reply(REPORT)
