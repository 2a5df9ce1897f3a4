"""What a prompt looks like: themes, ground, words in the picture, the bar that tells the time."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont
from PIL.ImageFont import FreeTypeFont, Layout

from adapters.providers.simulator import lettering
from adapters.providers.simulator.lettering import caption, tag
from adapters.providers.simulator.planes import Planes
from adapters.providers.simulator.scene import Scene, bar_height, look_of
from adapters.providers.simulator.sound import RATE, SECONDS, write_loop
from adapters.providers.simulator.spec import RenderSpec
from adapters.providers.simulator.subjects import subject_of
from adapters.providers.simulator.terrain import ground_layers
from adapters.providers.simulator.themes import THEMES, Ground, remixed, theme_of, words_of

SMALL = (320, 180)
PROMPTS = Path(__file__).parents[2].parent / "shared" / "data" / "prompts-en.txt"


def spec_of(*prompts: str, take: int = 0, seconds: int = 4, fps: int = 4) -> RenderSpec:
    words = prompts[-1]
    return RenderSpec(prompts, ((0, words),), *SMALL, seconds=seconds, fps=fps, take=take)


def grey(picture: Planes) -> bytes:
    return picture.y.tobytes()


# --- themes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "prompt, name",
    [
        ("Sunset over hills", "sunset"),
        ("a fox in the pine forest", "forest"),
        ("a whale in the OCEAN", "ocean"),
        ("camels crossing the desert", "desert"),
        ("neon city in the rain", "neon"),
        ("northern lights", "aurora"),
        ("thunder and rain", "storm"),
    ],
)
def test_the_words_of_a_prompt_choose_its_look(prompt: str, name: str) -> None:
    assert theme_of(prompt, "seed").name == name


def test_only_whole_words_count() -> None:
    assert words_of("Clearing, nightly!") == ["clearing", "nightly"]
    looks = {theme_of("clearing daylong nightly", str(n)).name for n in range(30)}
    assert len(looks) > 3


def test_colours_and_ground_may_come_from_two_words() -> None:
    theme = theme_of("the ocean at sunset", "seed")
    assert (theme.name, theme.ground) == ("sunset", Ground.WAVES)


def test_a_prompt_without_known_words_always_gets_the_same_look() -> None:
    assert theme_of("qwertz", "seed") == theme_of("qwertz", "seed")


@given(st.text(max_size=80), st.text(max_size=80))
def test_every_remix_keeps_the_ground_of_its_root(root: str, change: str) -> None:
    first = theme_of(root, root)
    assert remixed(first, change, change).ground is first.ground


def test_a_remix_has_the_shapes_of_its_root_in_other_colours() -> None:
    root, child = spec_of("snowy mountains"), spec_of("snowy mountains", "at sunset")
    layers = [ground_layers(look_of(spec), SMALL, "snowy mountains 0") for spec in (root, child)]
    for one, other in zip(*layers, strict=True):
        assert one.mask.full.tobytes() == other.mask.full.tobytes()
        assert one.fill.u.tobytes() != other.fill.u.tobytes()


def test_a_remix_without_known_words_still_changes_the_colours() -> None:
    assert look_of(spec_of("snowy mountains", "softer")) != look_of(spec_of("snowy mountains"))


def test_takes_of_one_prompt_have_other_grounds() -> None:
    one, other = (Scene(spec_of("snowy mountains", take=take)).frame(0) for take in (0, 1))
    assert grey(one) != grey(other)


# --- frames -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [theme.name for theme in THEMES])
def test_every_look_makes_whole_frames_that_move(name: str) -> None:
    scene = Scene(spec_of(name))
    first, later = scene.frame(1), scene.frame(9)
    for frame in (first, later):
        assert frame.size == SMALL
        assert frame.u.size == frame.v.size == (160, 90)
    assert grey(first) != grey(later)


def test_a_frame_is_written_as_yuv420p() -> None:
    pipe = BytesIO()
    Scene(spec_of("hills")).frame(0).write_to(pipe)
    assert len(pipe.getvalue()) == 320 * 180 * 3 // 2


def test_the_same_spec_gives_the_same_frames() -> None:
    one, other = (Scene(spec_of("aurora over snowy peaks")).frame(7) for _ in range(2))
    assert grey(one) == grey(other)


def test_the_length_of_the_bar_tells_the_time() -> None:
    scene = Scene(spec_of("a sunny meadow", seconds=4, fps=4))
    row = SMALL[1] - bar_height(SMALL[1]) // 2 - 1
    for number in range(16):
        line = scene.frame(number).y.crop((0, row, 320, row + 1)).tobytes()
        assert sum(value > 128 for value in line) == 320 * number // 16


def test_an_extension_begins_with_the_frames_of_its_parent() -> None:
    parent = spec_of("a red kite over dunes", seconds=4)
    longer = replace(parent, seconds=8, captions=((0, parent.prompts[0]), (4, "it lands")))
    above_the_bar = (0, 0, 320, 180 - bar_height(180))
    for number in (0, 7, 15):
        frames = (Scene(spec).frame(number).y.crop(above_the_bar) for spec in (parent, longer))
        assert len({frame.tobytes() for frame in frames}) == 1


def test_the_caption_changes_where_an_extension_begins() -> None:
    one = replace(spec_of("hills", seconds=8), captions=((0, "first"), (4, "second")))
    other = replace(one, captions=((0, "first"),))
    before, after = 12, 24
    assert grey(Scene(one).frame(before)) == grey(Scene(other).frame(before))
    assert grey(Scene(one).frame(after)) != grey(Scene(other).frame(after))


@pytest.mark.parametrize("word", ["kite", "balloon", "boat", "plane", "rocket"])
def test_a_named_thing_is_in_the_picture(word: str) -> None:
    subject = subject_of(f"a green {word} at noon", SMALL, (200, 200, 200))
    assert subject is not None
    plain, seen = Planes.plain((90, 90, 90), SMALL), Planes.plain((90, 90, 90), SMALL)
    subject.draw_on(seen, 1.0)
    assert grey(plain) != grey(seen)


def test_a_thing_has_the_colour_before_it() -> None:
    red, blue = (subject_of(f"a {name} kite", SMALL, (200, 200, 200)) for name in ("red", "blue"))
    assert red
    assert blue
    assert red.sprites[0].planes.u.tobytes() != blue.sprites[0].planes.u.tobytes()


def test_unknown_things_are_not_shown() -> None:
    assert subject_of("a purple hippo", SMALL, (0, 0, 0)) is None


# --- words in the picture ---------------------------------------------------------------------


def test_the_tag_says_that_it_is_simulated() -> None:
    assert lettering.TAG == "SIMULATED RENDER"
    assert tag((1280, 720)).getchannel("A").getbbox() is not None


def test_a_long_caption_has_three_lines_at_most() -> None:
    one, many = caption("short", SMALL), caption("word " * 500, SMALL)
    assert one
    assert many
    assert one.height < many.height < SMALL[1] * 0.5


def test_a_caption_that_nobody_can_read_is_left_out() -> None:
    assert caption("\u200b\u0007\ue000", SMALL) is None
    assert caption("", SMALL) is None


def test_accents_survive_or_lose_their_accent_but_not_their_letter() -> None:
    plain, accented = caption("cafe", SMALL), caption("café", SMALL)
    assert plain
    assert accented
    assert accented.getchannel("A").getbbox() == plain.getchannel("A").getbbox()


def test_without_any_system_font_the_embedded_one_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ImageFont.truetype

    def only_embedded(
        font: str | BytesIO, size: float, layout_engine: Layout | None = None
    ) -> FreeTypeFont:
        if isinstance(font, str):
            raise OSError("no such font")
        return real(font, size, layout_engine=layout_engine)

    monkeypatch.setattr(ImageFont, "truetype", only_embedded)
    for cached in (lettering._exists, lettering._font, lettering._has):
        cached.cache_clear()
    try:
        assert caption("a red kite", SMALL)
        assert tag(SMALL).width > 20
    finally:
        monkeypatch.undo()
        for cached in (lettering._exists, lettering._font, lettering._has):
            cached.cache_clear()


@given(st.text(max_size=60))
def test_no_text_upsets_the_caption(text: str) -> None:
    strip = caption(text, SMALL)
    assert strip is None or (strip.width == 320 and strip.height % 2 == 0)


@pytest.mark.skipif(not PROMPTS.exists(), reason="the shared prompts are not on this machine")
def test_real_prompts_can_all_be_shown() -> None:
    prompts = PROMPTS.read_text(encoding="utf-8").splitlines()
    for prompt in prompts[:150]:
        assert caption(prompt, SMALL)
        assert look_of(spec_of(prompt))


# --- sound and spec ---------------------------------------------------------------------------


@pytest.mark.parametrize("minor", [True, False])
def test_the_loop_is_sound_of_the_right_length(tmp_path: Path, *, minor: bool) -> None:
    write_loop(tmp_path / "loop.wav", "seed", minor=minor)
    data = (tmp_path / "loop.wav").read_bytes()
    assert len(data) == 44 + 2 * RATE * SECONDS
    assert max(data[44::2]) > 0


def test_a_spec_survives_json_and_keeps_its_key() -> None:
    spec = replace(spec_of("one", "two"), image="a.png")
    again = RenderSpec.from_json(json.dumps(json.loads(spec.to_json())))
    assert again == spec
    assert again.key == spec.key


@pytest.mark.parametrize("changes", [{"take": 1}, {"fps": 5}, {"width": 322}, {"image": "b.png"}])
def test_specs_that_show_something_else_have_another_key(changes: dict[str, Any]) -> None:
    spec = spec_of("hills")
    assert replace(spec, **changes).key != spec.key
