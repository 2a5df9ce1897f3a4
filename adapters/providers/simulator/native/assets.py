"""Pictures that were brought to a simulated API before a create named them."""

from __future__ import annotations

import base64
import io
import uuid

from PIL import Image, UnidentifiedImageError

from adapters.providers.simulator.answers import ApiError


class Assets:
    """Pictures by their links, as long as the simulator runs. Nothing else is opened."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    @staticmethod
    def new_name() -> str:
        """What the next one is called."""
        return f"{uuid.uuid4()}.jpg"

    def put(self, link: str, data: object) -> tuple[int, int]:
        """Keep one; gives its width and height. Raises `ApiError` for what is no picture."""
        try:
            if not isinstance(data, bytes):
                raise UnidentifiedImageError  # noqa: TRY301 - the same answer as for odd bytes
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture:
                size = picture.size
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
            raise ApiError(400, "Invalid file type", code="invalid_input", param="file") from error
        self._files[link] = data
        return size

    def opened(self, link: str) -> str:
        """The picture behind a link, as a data URL; raises `ApiError` when it is not known."""
        if link not in self._files:
            text = "The simulator opens only what was brought to it."
            raise ApiError(400, text, code="invalid_input")
        return "data:image/jpeg;base64," + base64.b64encode(self._files[link]).decode()
