"""Files of an answer: to the asker's own messages, for what only one person sees can hold none."""

from __future__ import annotations

import logging
from dataclasses import replace

from adapters.slack.faults import FilesBlocked
from adapters.slack.keys import Wish
from adapters.slack.places import Places
from adapters.slack.render import Frame, blocks
from adapters.slack.uploads import Parcel, Uploads
from adapters.slack.workspaces import Workspace
from bot import wording
from bot.domain.messages import Attachment, Line, Message
from bot.errors import ChatError

log = logging.getLogger(__name__)


class Handouts:
    """Hands them out, each once, also when an answer is given again after a restart."""

    def __init__(self, uploads: Uploads, places: Places) -> None:
        self._uploads = uploads
        self._places = places

    async def handed_out(self, workspace: Workspace, wish: Wish, message: Message) -> Message:
        """The answer without its files, and with a line that says where they are."""
        sent: list[str] = []
        lost: dict[str, list[str]] = {}
        for file in message.attachments:
            try:
                await self._hand_out(workspace, wish, file)
                sent.append(file.name)
            except ChatError as error:
                log.warning("%s for %s was not sent: %s", file.name, wish.interaction, error)
                lost.setdefault(_why(error), []).append(file.name)
        told = [wording.slack_files_lost_line(names, why) for why, names in lost.items()]
        # Who asked in their messages with the bot sees the files come.
        if sent and wish.channel not in {"", await self._places.direct(workspace, wish.user)}:
            told.insert(0, wording.slack_files_line(sent))
        return replace(message, lines=(*message.lines, *told), attachments=())

    async def _hand_out(self, workspace: Workspace, wish: Wish, file: Attachment) -> None:
        channel = await self._places.direct(workspace, wish.user)
        thread = wish.thread if wish.channel == channel else ""
        about: Line = (file.alt or file.name,)
        nonce = f"answer/{wish.team}/{wish.interaction}/{file.name}"
        said = blocks(Message((about,)), Frame())
        parcel = Parcel(channel, thread, file.name, file.content, said, file.alt, nonce)
        await self._uploads.post(workspace.calls, parcel, again=True)


def _why(error: ChatError) -> str:
    """Who can change it, where Slack says that this workspace takes no such file."""
    return error.needs if isinstance(error, FilesBlocked) else ""
