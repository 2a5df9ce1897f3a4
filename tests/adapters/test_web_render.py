"""A message survives its way into the transcript and back."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from adapters.web import render
from bot.domain.messages import (
    Button,
    Code,
    Jump,
    Line,
    Mention,
    Message,
    Moment,
    Span,
    Strong,
    Tone,
    VideoFile,
)
from bot.domain.refs import MessageRef, Person, Place, Tenant
from bot.domain.tickets import Ticket

texts = st.text(max_size=40)
names = st.text(min_size=1, max_size=12)
times = st.integers(min_value=0, max_value=2**53 - 1)
people = st.builds(Person, st.builds(Tenant, names, names), names, name=texts, admin=st.booleans())
places = st.builds(Place, st.builds(Tenant, names, names), names, st.none() | names, st.booleans())
spans: st.SearchStrategy[Span] = st.one_of(
    texts,
    st.builds(Moment, times),
    st.builds(Strong, texts),
    st.builds(Code, texts),
    st.builds(Mention, people),
    st.builds(Jump, texts, st.builds(MessageRef, places, names)),
)
lines: st.SearchStrategy[Line] = st.lists(spans, max_size=5).map(tuple)
buttons = st.builds(
    Button,
    texts,
    texts,
    st.dictionaries(texts, texts, max_size=3),
    danger=st.booleans(),
    asks=st.none() | texts,
)
paths = st.from_regex(r"/[a-z]{1,8}/[a-f0-9]{8}\.mp4", fullmatch=True).map(Path)
videos = st.builds(
    VideoFile,
    path=paths,
    filename=texts,
    size=times,
    width=times,
    height=times,
    duration_ms=times,
    poster=st.none() | paths,
    url=st.none() | texts,
    poster_url=st.none() | texts,
    ticket=st.sampled_from([None, Ticket("k7qm"), Ticket("k7qm", Tenant("slack", "T1"))]),
)
messages = st.builds(
    Message,
    lines=st.lists(lines, max_size=4).map(tuple),
    quote=st.none() | texts,
    progress=st.none() | st.integers(0, 100),
    buttons=st.lists(buttons, max_size=3).map(tuple),
    video=st.none() | videos,
    tone=st.sampled_from(Tone),
)


@given(messages)
def test_nothing_is_lost_on_the_way_through_json(message: Message) -> None:
    assert render.decode(json.loads(json.dumps(render.encode(message)))) == message


@given(people)
def test_a_mention_keeps_the_name_and_the_rank(person: Person) -> None:
    message = render.decode(render.encode(Message(lines=((Mention(person),),))))
    mention = message.lines[0][0]
    assert isinstance(mention, Mention)
    assert (mention.person.name, mention.person.admin) == (person.name, person.admin)


@given(texts)
def test_a_typed_line_is_known_as_one(text: str) -> None:
    body = json.loads(json.dumps(render.typed(text)))
    assert render.typed_text(body) == text
    assert render.decode(body) == Message(lines=((text,),))


@given(messages)
def test_a_message_of_ours_is_no_typed_line(message: Message) -> None:
    assert render.typed_text(render.encode(message)) is None


def test_only_texts_by_name_are_arguments() -> None:
    assert render.is_args({"job": "k7qm"})
    assert render.is_args({})
    for nonsense in (None, ["job"], "job", {"job": 1}, {1: "job"}, {"job": None}):
        assert not render.is_args(nonsense)
