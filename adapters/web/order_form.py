"""The form beside the composer: every option of ``create``, with its price as it is now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from nicegui import background_tasks, ui
from nicegui.events import GenericEventArguments

from adapters.web.order import Order, usual
from adapters.web.pictures import Pictures
from adapters.web.views import Site
from bot import wording
from bot.commands.grammar import IMAGE, LAST, REFERENCE, verb_named
from bot.domain.messages import Upload
from bot.domain.refs import Person
from bot.domain.styles import PLAIN, Style
from bot.domain.videos import MAX_COUNT, MAX_PROMPT, MAX_REFERENCES, Fit

Send = Callable[[dict[str, str], tuple[Upload, ...]], Awaitable[bool]]


class SetPrivate(Protocol):
    """Hears of the form's own switch."""

    def __call__(self, *, privately: bool) -> None:
        """Who may see what is ordered."""
        ...


class OrderForm:
    """Closed at first. `send` gets the arguments and pictures, and says whether all went well."""

    def __init__(self, site: Site, viewer: Person, send: Send, set_private: SetPrivate) -> None:
        self._site = site
        self._viewer = viewer
        self._send_order = send
        self._set_private = set_private
        self._privately = False
        self._order = usual(site.catalogue())
        self.open = False
        self._built = False
        self._showing = False
        self._box = ui.element("section").classes("order")
        self._box.props["aria-label"] = wording.PAGE["form"]
        self._box.set_visibility(False)

    def toggle(self) -> None:
        """Open or close it. It is built when it is first opened."""
        self.open = not self.open
        if self.open and not self._built:
            self._build()
            self._built = True
        if self.open and self._order:
            background_tasks.create(  # pyright: ignore[reportUnknownMemberType] - as below
                self._show_styles(), name="styles"
            )
        self._box.set_visibility(self.open)

    def mark(self, *, privately: bool) -> None:
        """Follow the switch beside the composer."""
        self._privately = privately
        if self._built:
            self._switch.set_value(privately)

    # --- building -------------------------------------------------------------------------

    def _build(self) -> None:
        order = self._order
        with self._box, ui.element("div").classes("order-card"):
            if order is None:
                ui.label(wording.order_total(None, 0))
                return
            self._prompt = ui.textarea(wording.PAGE["prompt"], placeholder=_about("prompt"))
            self._prompt.props(f"outlined autogrow autofocus maxlength={MAX_PROMPT}")
            self._prompt.classes("wide")
            with ui.element("div").classes("choices"):
                self._build_choices(order)
            with ui.element("div").classes("order-foot"):
                self._build_pictures()
                self._switch = ui.switch(
                    wording.PAGE["privately"], value=self._privately, on_change=self._switched
                )
                self._price = ui.label().classes("price").props("aria-live=polite")
                self._make = ui.button(wording.PAGE["make"], color=None).classes("primary")
                self._make.props("unelevated no-caps").on(
                    "click", self._send, throttle=1.0, trailing_events=False
                )
        self._show(order)

    def _build_choices(self, order: Order) -> None:
        catalogue = self._site.catalogue()
        names = {model.name: model.label for model in catalogue}
        self._model = _select("Model", names, order.model.name, self._choose_model)
        self._size = _select("Size", {}, None, self._choose)
        self._seconds = _select("Seconds", {}, None, self._choose)
        counts = {number: f"{number} ×" for number in range(1, MAX_COUNT + 1)}
        self._count = _select("Variations", counts, order.count, self._choose)
        self._when = _typed_select(
            wording.PAGE["start"], wording.START_LABELS, order.when, self._choose
        )
        self._style = _select(wording.PAGE["style"], _styles(()), order.preset, self._choose)
        self._style.set_visibility(False)
        self._sound = _select(wording.PAGE["sound"], wording.SOUNDS, None, self._choose)

    def _build_pictures(self) -> None:
        labels = {
            IMAGE: wording.PAGE["attach"],
            LAST: wording.PAGE["attach_last"],
            REFERENCE: wording.PAGE["attach_references"],
        }
        self._pictures = {
            use: Pictures(self._site, use, label, self._show_fit) for use, label in labels.items()
        }
        fits = {fit.value: wording.PAGE[fit.value] for fit in Fit}
        self._fit = _select(wording.PAGE["fit"], fits, Fit.CROP.value, None)
        self._fit.set_visibility(False)

    # --- choosing -------------------------------------------------------------------------

    def _show(self, order: Order) -> None:
        """Offer what the chosen model can do, and price it."""
        self._order = order
        self._showing = True  # what is set here is no choice of the viewer
        sizes = {str(size): _size_words(size.portrait, str(size)) for size in order.model.sizes}
        self._size.set_options(sizes, value=str(order.size))
        seconds = {number: f"{number} s" for number in order.model.seconds}
        self._seconds.set_options(seconds, value=order.seconds)
        self._sound.set_value(order.sound or None)
        self._sound.set_visibility(order.model.switches_sound)
        self._showing = False
        self._pictures[IMAGE].allow(int(order.model.takes_image))
        self._pictures[LAST].allow(int(order.model.takes_last))
        self._pictures[REFERENCE].allow(min(order.model.references, MAX_REFERENCES))
        # A timer would be an element that comes and goes, and draws the whole form anew each time.
        background_tasks.create(  # pyright: ignore[reportUnknownMemberType] - its types are not whole
            self._show_price(), name="price"
        )

    def _switched(self) -> None:
        if self._switch.value != self._privately:
            self._set_private(privately=bool(self._switch.value))

    async def _show_price(self) -> None:
        if self._order:
            available, _ = await self._site.panel.wallet(self._viewer)
            price = self._order.price(self._site.catalogue())
            self._price.set_text(wording.order_total(price, available))
            self._make.set_enabled(price is not None)

    async def _show_styles(self) -> None:
        """Offer the styles that there are now, where there are any."""
        found = _styles(await self._site.panel.styles(self._viewer))
        chosen = self._style.value if self._style.value in found else ""
        self._style.set_options(found, value=chosen)
        self._style.set_visibility(len(found) > len(_styles(())))

    def _choose_model(self) -> None:
        if self._order:
            model = self._site.catalogue().get(self._model.value)
            self._show(self._order.with_model(model))

    def _choose(self) -> None:
        order = self._order
        if order and not self._showing:
            size = next(size for size in order.model.sizes if str(size) == self._size.value)
            chosen = replace(
                order,
                size=size,
                seconds=self._seconds.value,
                count=self._count.value,
                when=str(self._when.value or "now"),
                preset=str(self._style.value or ""),
                sound=str(self._sound.value or ""),
            )
            if chosen != order:
                self._show(chosen)

    # --- sending --------------------------------------------------------------------------

    def _show_fit(self) -> None:
        """How frames are fitted is asked once there is one."""
        self._fit.set_visibility(any(self._pictures[use].uploads for use in (IMAGE, LAST)))

    async def _send(self, _: GenericEventArguments) -> None:
        prompt = str(self._prompt.value or "").strip()
        if not prompt or self._order is None:
            self._prompt.run_method("focus")
            return
        uploads = tuple(one for kind in self._pictures.values() for one in kind.uploads)
        args = self._order.args(prompt) | ({"fit": self._fit.value} if uploads else {})
        self._prompt.set_value("")
        if await self._send_order(args, uploads):
            for pictures in self._pictures.values():
                pictures.clear()
        else:
            self._prompt.set_value(prompt)


def _about(name: str) -> str:
    verb = verb_named("create")
    param = verb.param(name) if verb else None
    return param.help if param else name


def _select(label: str, options: dict[Any, str], value: Any, on_change: Any) -> Any:  # noqa: ANN401 - NiceGUI's own select is not typed any further
    return ui.select(options, label=label, value=value, on_change=on_change).props(
        "outlined dense options-dense"
    )


def _typed_select(label: str, options: dict[str, str], value: str, on_change: Any) -> Any:  # noqa: ANN401 - as above
    """One that also takes what is typed."""
    return ui.select(
        dict(options),
        label=label,
        value=value,
        on_change=on_change,
        with_input=True,
        new_value_mode="add-unique",
    ).props("outlined dense options-dense")


def _styles(found: Sequence[Style]) -> dict[str, str]:
    """How an order can have a style, by what is typed for it."""
    names = {style.name: wording.style_suggestion(style) for style in found}
    return {"": wording.PAGE["style_here"], **names, PLAIN: wording.NO_STYLE}


def _size_words(portrait: bool, size: str) -> str:  # noqa: FBT001 - one caller, named there
    return f"{size.replace('x', '×')} {'portrait' if portrait else 'landscape'}"
