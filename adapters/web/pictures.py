"""Buttons that attach pictures to the form, each for one use."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from nicegui import ui
from nicegui.events import UploadEventArguments

from adapters.chats.pictures import MOST_BYTES, SUFFIXES
from adapters.web.views import Site
from bot import wording
from bot.domain.messages import Upload


class Pictures:
    """What was attached for `use`, a parameter of ``create``. `changed` hears of every change.

    It is built where it is made, and takes one picture until it `allows` more.
    """

    def __init__(self, site: Site, use: str, label: str, changed: Callable[[], None]) -> None:
        self._site = site
        self._use = use
        self._label = label
        self._changed = changed
        self._most = 1
        self.uploads: tuple[Upload, ...] = ()
        with ui.element("div").classes("pictures") as box:
            self._box = box
            self._upload = ui.upload(
                auto_upload=True,
                max_file_size=MOST_BYTES,
                on_upload=self._attach,
                on_rejected=lambda: ui.notify(wording.picture_refused(MOST_BYTES)),
            )
            self._upload.classes("hidden-upload").props(f"accept={','.join(SUFFIXES)}")
            self._button = ui.button(label, color=None, icon="image")
            self._button.props("flat no-caps").classes("attach")
            self._button.on(
                "click", js_handler=f"() => getElement({self._upload.id}).$refs.qRef.pickFiles()"
            )
            self._remove = ui.button(icon="close", color=None, on_click=self.clear)
            self._remove.props(f'flat round dense aria-label="{wording.remove_picture(label)}"')
            self._remove.set_visibility(False)

    def allow(self, most: int) -> None:
        """Take that many; with none it is not to be seen, and what was attached is left out."""
        self._most = most
        self._box.set_visibility(most > 0)
        self._show(self.uploads[:most])

    def clear(self) -> None:
        """Attach nothing."""
        self._show(())

    async def _attach(self, event: UploadEventArguments) -> None:
        suffix = SUFFIXES.get(event.file.content_type)
        self._upload.reset()
        if suffix is None:
            ui.notify(wording.picture_refused(MOST_BYTES))
            return
        path = self._site.files.scratch() / uuid4().hex
        await event.file.save(path)
        blob = await self._site.files.put(path, suffix)
        upload = Upload(blob, event.file.name, event.file.content_type, self._use)
        # One more than there is room for takes the place of the first.
        self._show((*self.uploads, upload)[-self._most :])

    def _show(self, uploads: tuple[Upload, ...]) -> None:
        if uploads == self.uploads:
            return
        self.uploads = uploads
        first = wording.cut(uploads[0].filename, 24) if uploads else self._label
        self._button.set_text(wording.pictures(len(uploads)) if len(uploads) > 1 else first)
        self._remove.set_visibility(bool(uploads))
        self._changed()
