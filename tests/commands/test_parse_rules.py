"""What holds for every line that people can type."""

from collections import Counter
from random import Random

from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.commands.grammar import GRAMMAR
from bot.commands.parse import Parsed, parse
from bot.domain.videos import MAX_PROMPT
from bot.errors import InvalidInput

PLAIN_WORDS = "a red kite over dunes the king’s garden 🪁 rain, 3 cats 24 é — - : «so» (far) #1"
TRICKY_WORDS = (
    'portrait landscape 8s 80s 720p 9:16 x2 seconds: seconds:8 size=720p --model sora-2 m:x -s "a '
    "b\" ' “c d” — —seconds –n 4 scene:night secnds:8 private:yes --private of in <@U1|a b> create "
    "jobs help # -- = : quota set everyone"
)
PLAIN = st.sampled_from(PLAIN_WORDS.split())
TRICKY = st.sampled_from(TRICKY_WORDS.split())
FREE = st.text(max_size=60)
LINES = st.lists(PLAIN | TRICKY | FREE, max_size=12).map(" ".join)
COMMANDS = st.sampled_from(["", "/sora ", "/sora-admin ", *(f"{v.command} " for v in GRAMMAR)])
PROMPTS = st.lists(PLAIN, min_size=1, max_size=8).filter(lambda words: words[0].isalpha())
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "seconds": st.integers(1, 60).map(str),
        "size": st.sampled_from(["720x1280", "1792x1024", "portrait", "720p", "9:16"]),
        "model": st.sampled_from(["sora-2", "sora-2-pro", "veo-3.1", "house"]),
        "count": st.integers(0, 9).map(str),
    },
)
STYLES = st.sampled_from(["{}:{}", "{}={}", "--{} {}", "--{}={}", "{}:“{}”", '—{}:"{}"'])


def read(line: str) -> Parsed | None:
    """What a line says; None when it is refused, which is the only other thing that may happen."""
    try:
        return parse(line)
    except InvalidInput:
        return None


@given(COMMANDS, LINES)
@example("", "“")
@example("/sora create ", "\x1c\x85\u2028")
@example("/sora create ", "\ud800 seconds:8")
@example("/sora create ", "8s " * 1400)
def test_a_line_is_read_or_refused_and_never_breaks(command: str, line: str) -> None:
    parsed = read(command + line)
    if parsed:
        verb = next(verb for verb in GRAMMAR if verb.name == parsed.verb)
        assert set(parsed.args) <= {param.name for param in verb.params}


@given(LINES)
def test_every_word_is_in_the_prompt_or_explained_by_an_option(line: str) -> None:
    parsed = read(f"/sora create {line}")
    assume(parsed is not None)
    assert parsed is not None
    prompt = parsed.args.get("prompt", "")
    # Each option takes a name and a value at most; quotes around the whole prompt go too.
    gone = Counter("".join(line.split())) - Counter("".join(prompt.split()))
    options = {name: value for name, value in parsed.args.items() if name != "prompt"}
    longest = sum(len(value) + len("--resolution:“”,;.") for value in options.values())
    assert sum(gone.values()) <= longest + len("prompt:“”")
    assert not Counter("".join(prompt.split())) - Counter("".join(line.split()))


@given(PROMPTS, OPTIONS, STYLES, st.randoms(use_true_random=False))
def test_options_among_words_come_out_and_the_words_stay_in_order(
    prompt: list[str], options: dict[str, str], style: str, random: Random
) -> None:
    words = list(prompt)
    for name, value in options.items():
        words.insert(random.randint(0, len(words)), style.format(name, value))
    parsed = parse("/sora create " + " ".join(words))
    assert parsed.args == {"prompt": " ".join(prompt), **options}


@given(OPTIONS, STYLES, STYLES)
def test_every_way_of_typing_an_option_means_the_same(
    options: dict[str, str], one: str, other: str
) -> None:
    def typed(style: str) -> Parsed:
        said = " ".join(style.format(name, value) for name, value in options.items())
        return parse(f"/sora create {said} a red kite")

    assert typed(one) == typed(other) == Parsed("create", {"prompt": "a red kite", **options})


@given(st.text(min_size=1, max_size=200).filter(lambda text: not set(text) & set('"“”„')))
def test_whatever_stands_in_quotes_arrives_as_it_was(text: str) -> None:
    assume(text.strip())
    assert parse(f'/sora create "{text}"').args == {"prompt": text}


@given(st.text(alphabet="ab \n", min_size=1, max_size=9), st.integers(-3, 3))
def test_a_prompt_is_whole_or_refused_but_never_cut(unit: str, more: int) -> None:
    length = MAX_PROMPT + more
    text = (unit * length)[:length]
    parsed = read(f"/sora create {text}")
    words = text.strip()
    assert (parsed is None) == (len(words) > MAX_PROMPT)
    if parsed and words:
        assert parsed.args == {"prompt": words}


@given(
    st.permutations(["@ben", "20", "videos", "week"]),
    st.permutations(["person:@ben", "--limit 20", "unit=videos", "per:week"]),
)
def test_values_mean_the_same_in_any_order(bare: list[str], named: list[str]) -> None:
    said = {"person": "@ben", "limit": "20", "unit": "videos", "period": "week"}
    for words in (bare, named):
        assert parse("/sora-admin quota set " + " ".join(words)).args == said
