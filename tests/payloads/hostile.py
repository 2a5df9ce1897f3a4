"""What gateways that mean harm answer: ways into our network, nonsense, files that are none."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.providers.http import Limits
from tests.fakes.gateway import MP4, NO_ANSWER, Reply

INSIDE: Mapping[str, str] = {
    "loopback": "http://127.0.0.1:{port}/x.mp4",
    "another loopback": "http://127.8.9.1:{port}/x.mp4",
    "short loopback": "http://127.1:{port}/x.mp4",
    "loopback by name": "http://localhost:{port}/x.mp4",
    "loopback with a dot": "http://localhost.:{port}/x.mp4",
    "no address at all": "http://0.0.0.0:{port}/x.mp4",
    "decimal loopback": "http://2130706433:{port}/x.mp4",
    "octal loopback": "http://0177.0.0.1:{port}/x.mp4",
    "hexadecimal loopback": "http://0x7f000001:{port}/x.mp4",
    "IPv6 loopback": "http://[::1]:{port}/x.mp4",
    "IPv4 in IPv6": "http://[::ffff:127.0.0.1]:{port}/x.mp4",
    "IPv4 in IPv6, in hexadecimal": "http://[::ffff:7f00:1]:{port}/x.mp4",
    "NAT64": "http://[64:ff9b::7f00:1]:{port}/x.mp4",
    "6to4": "http://[2002:7f00:1::]:{port}/x.mp4",
    "wide digits": "http://\uff11\uff12\uff17.\uff10.\uff10.\uff11:{port}/x.mp4",
    "metadata": "http://169.254.169.254/latest/meta-data/iam/",
    "decimal metadata": "http://2852039166/latest/meta-data/",
    "metadata by name": "http://metadata.google.internal/computeMetadata/v1/",
    "IPv6 metadata": "http://[fd00:ec2::254]/latest/meta-data/",
    "IPv4 metadata in IPv6": "http://[::ffff:a9fe:a9fe]/latest/meta-data/",
    "private network": "http://10.0.0.1/x.mp4",
    "home network": "http://192.168.1.1/x.mp4",
    "carrier's network": "http://100.64.0.1/x.mp4",
    "name that resolves inside": "http://inside.example:{port}/x.mp4",
    "name that resolves to both": "http://both.example:{port}/x.mp4",
    "name that is unknown": "http://nowhere.example:{port}/x.mp4",
    "user name": "http://public.example@127.0.0.1:{port}/x.mp4",
    "user name on a public host": "http://user:word@public.example/x.mp4",
    "backslash": "http://127.0.0.1:{port}\\@public.example/x.mp4",
    "no scheme": "//127.0.0.1:{port}/x.mp4",
    "port of another service": "http://public.example:22/x.mp4",
    "file": "file:///etc/passwd",
    "file on a host": "file://127.0.0.1/etc/passwd",
    "data": "data:video/mp4;base64,AAAAGGZ0eXBpc29tAAACAGlzb20=",
    "ftp": "ftp://127.0.0.1:{port}/x.mp4",
    "gopher": "gopher://127.0.0.1:{port}/_GET",
    "script": "javascript:alert(1)",
    "half an address": "http://[::1",
    "absurd port": "http://public.example:99999999999/x.mp4",
}
"""Links that must not be opened; ``{port}`` is that of a service of ours."""

# --- answers to orders and questions ---


def _raw(text: str) -> Reply:
    return Reply(raw=text.encode("latin-1"))


_HEAD = "HTTP/1.1 200 OK\r\n"
_BOMB = gzip.compress(b'{"x": "' + b"x" * 5_000_000)
NONSENSE: Mapping[str, Reply] = {
    "nothing": Reply(),
    "null": Reply(body=b"null"),
    "a list": Reply(body=b"[[[]]]"),
    "a text": Reply(body=b'"completed"'),
    "a number": Reply(body=b"1e400"),
    "NaN": Reply(body=b"NaN"),
    "empty object": Reply(body=b"{}"),
    "10,000 levels": Reply(body=b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    "10,000 levels that never end": Reply(body=b"[" * 10_000),
    "a number of 9,000 digits": Reply(body=b'{"id":' + b"9" * 9000 + b"}"),
    "half a character": Reply(body=b'{"id": "\\ud800", "status": 1}'),
    "no text": Reply(body=b"\xff\xfe" * 100),
    "a zero in a text": Reply(body=b'{"id": "a\\u0000b", "status": 7}'),
    "a page": Reply(body=b"<html><title>Sign in</title></html>"),
    "more than is read": Reply(body=b'{"x": "' + b"x" * 200_000 + b'"}'),
    "a bomb": Reply(body=_BOMB, headers={"content-encoding": "gzip"}),
    "a bomb in a bomb": Reply(
        body=gzip.compress(_BOMB), headers={"content-encoding": "gzip, gzip"}
    ),
    "damaged gzip": Reply(body=b"\x1f\x8b\x08\x00nonsense", headers={"content-encoding": "gzip"}),
    "brotli": Reply(body=b"\x8b\x00\x80", headers={"content-encoding": "br"}),
    "an encoding that there is not": Reply(body=b"{}", headers={"content-encoding": "x-odd"}),
    "a length of 10 GB": Reply(body=b'{"id": ', length=10 * 1024**3),
    "a length that is too long": Reply(body=b"{}", length=500),
    "a negative length": Reply(body=b"{}", headers={"content-length": "-5"}, length=-1),
    "a length of 5,000 digits": Reply(headers={"content-length": "9" * 5000}, length=-1),
    "two lengths": Reply(body=b"{}", headers={"content-length": "1"}),
    "odd pieces": _raw(f"{_HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n"),
    "pieces of negative size": _raw(f"{_HEAD}transfer-encoding: chunked\r\n\r\n-5\r\n{{}}\r\n"),
    "another protocol": _raw("SSH-2.0-OpenSSH_9.9\r\n"),
    "another version": _raw("HTTP/9.9 200 OK\r\ncontent-length: 0\r\n\r\n"),
    "an odd status": _raw("HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n"),
    "a switch of protocols": _raw("HTTP/1.1 101 Switching\r\nupgrade: h2c\r\n\r\n\x00\x00"),
    "Continue without an end": _raw("HTTP/1.1 100 Continue\r\n\r\n" * 500),
    "a zero in a header": _raw(f"{_HEAD}x: a\x00b\r\ncontent-length: 0\r\n\r\n"),
    "control characters in a header": _raw(f"{_HEAD}x: \x1b[2J\x07\r\ncontent-length: 0\r\n\r\n"),
    "a name that is no header": _raw(f"{_HEAD}a b: c\r\ncontent-length: 0\r\n\r\n"),
    "1,000 headers": Reply(headers={f"x-{number}": "y" * 20 for number in range(1000)}),
    "a header of 1 MB": Reply(headers={"x": "y" * 1_000_000}),
    "headers without an end": _raw(_HEAD + "x: y\r\n" * 50_000),
    "no answer": NO_ANSWER,
    "half a head": _raw("HTTP/1.1 200"),
    "a reset": Reply(reset=True),
    "half a body": Reply(body=b'{"id": "video_1", "status": "queued"}', cut=9),
    "silence": Reply(hang=True),
    "drops": Reply(body=b"{" * 100, piece=1, pause_s=0.02),
    "drops without an end": Reply(body=b" ", length=-1, pause_s=0.02, endless=True),
}
"""Answers that tell nothing, whatever they say that they are; all are of status 200."""
SLOW = frozenset({"silence", "drops", "drops without an end", "drops of a film"})
"""Those that only patience ends."""
_ZIPPED = {"content-encoding": "gzip"}


def _ranged(text: str) -> Reply:
    return Reply(206, MP4, headers={"content-range": text})


NO_FILES: Mapping[str, Reply] = {
    **{name: reply for name, reply in NONSENSE.items() if "more than is read" not in name},
    "a length of 10 GB": Reply(body=MP4, length=10 * 1024**3),
    "a stream without an end": Reply(body=MP4 * 10, length=-1, endless=True),
    "a film that is too long": Reply(body=MP4[:4000], length=5000),
    "half a film": Reply(body=MP4, cut=2000),
    "drops of a film": Reply(body=MP4, piece=10, pause_s=0.02),
    "a page that says video": Reply(body=b"<html>" * 9, headers={"content-type": "video/mp4"}),
    "a film in gzip": Reply(body=gzip.compress(MP4), headers=_ZIPPED),
    "a bomb of zeros": Reply(body=gzip.compress(b"\0" * 5_000_000), headers=_ZIPPED),
    "gzip in gzip": Reply(body=MP4, headers={"content-encoding": "gzip, gzip"}),
    "a part that nobody asked for": _ranged("bytes 0-4023/4024"),
    "a part from the middle": _ranged("bytes 100-4123/9999"),
    "a part of nothing": _ranged("bytes 9-2/1"),
    "a part that is none": _ranged("bytes -5-10/x"),
    "a part of 10 TB": _ranged("bytes 0-9999999999999/9999999999999"),
    "no such part": Reply(416, headers={"content-range": "bytes */4024"}),
    "a redirect to itself": Reply(302, headers={"location": "/clip.mp4"}),
    "a redirect to nothing": Reply(302),
    "a redirect to no URL": Reply(307, headers={"location": "http://["}),
    "a redirect with control characters": Reply(302, headers={"location": "/a\x0bb\x7f"}),
    "words": Reply(body={"error": {"message": "not today"}}),
    "nothing at all": Reply(204),
    "a gone file": Reply(410, {"detail": "gone"}),
    "no access": Reply(403, b"<Error><Code>AccessDenied</Code></Error>"),
}
"""Answers in place of a file."""

OTHER = b"\x00\x00\x00\x18ftypisom" + b"another film" * 200
RESUMED: Mapping[str, Reply] = {
    "the rest of another film": Reply(
        206, OTHER[2000:], headers={"content-range": f"bytes 2000-2411/{len(OTHER)}", "etag": '"2"'}
    ),
    "a part that begins elsewhere": Reply(
        206, MP4[100:], headers={"content-range": "bytes 100-4023/4024", "etag": '"1"'}
    ),
    "more than was promised": Reply(
        206, MP4[2000:] + b"x", headers={"content-range": "bytes 2000-4023/4024", "etag": '"1"'}
    ),
    "less than was promised": Reply(
        206, MP4[2000:3000], headers={"content-range": "bytes 2000-4023/4024", "etag": '"1"'}
    ),
    "another film from its start": Reply(200, OTHER, headers={"etag": '"2"'}),
    "no such part of another film": Reply(416, headers={"content-range": "bytes */9"}),
    "a page": Reply(200, b"<html>"),
}
"""Answers to the request for the rest of a film of which 2,000 bytes came, of version 1."""
PLENTY = Limits(answer_ms=5000, answer_bytes=1024**2, download_ms=5000, download_bytes=6 * 1024**2)
"""Limits for `HUGE`."""
_STREAM = Reply(body=MP4 * 50, length=-1, endless=True)
_LARGE_BOMB = gzip.compress(b'{"x": "' + b"x" * 20_000_000)
HUGE: Mapping[str, Reply] = {
    "answer without an end": Reply(body=b" " * 200_000, length=-1, endless=True),
    "answer to an order without an end": _STREAM,
    "answer that is a bomb": Reply(body=_LARGE_BOMB, headers=_ZIPPED),
    "answer of 13 MB": Reply(body=b'{"x": "' + b"x" * 13_000_000 + b'"}'),
    "film without an end": _STREAM,
    "film of 10 GB": Reply(body=MP4, length=10 * 1024**3),
}
WAITS: Mapping[str, str] = {
    "negative": "-5",
    "a year": "31536000",
    "no number": "NaN",
    "for ever": "inf",
    "more than a number holds": "1e999",
    "400 digits": "9" * 400,
    "1970": "Thu, 01 Jan 1970 00:00:00 GMT",
    "the year 9999": "Fri, 31 Dec 9999 23:59:59 GMT",
    "a word": "soon",
}
"""Waits that nobody can mean, for ``Retry-After`` and its kin."""

ODD_IDS: Mapping[str, object] = {
    "300 letters": "v" * 300,
    "slashes": "a/b/c",
    "the way up": "../../admin",
    "the way up, quoted": "..%2F..%2Fadmin",
    "two dots": "..",
    "a dot": ".",
    "a question": "a?b=c#d",
    "a new line": "a\r\nX-Evil: 1",
    "a zero": "a\x00b",
    "another alphabet": "\u0432\u0438\u0434\u0435\u043e_\uff11",
    "right to left": "a\u202eb",
    "a URL": "http://127.0.0.1/x",
    "empty": "",
    "blank": "   ",
    "a number": 7,
    "a huge number": 10**400,
    "a negative number": -1,
    "a fraction": 1.5,
    "true": True,
    "null": None,
    "a list": ["a"],
    "an object": {"id": "a"},
    "100,000 letters": "v" * 100_000,
}
"""Names of jobs that would lead somewhere else if they were believed."""

WRONG: Sequence[Any] = (
    None,
    True,
    -1,
    10**400,
    1e308,
    float("nan"),
    "",
    " ",
    "completed",
    "\ud800",
    "x" * 10_000,
    "9" * 5000,
    [],
    ["a"],
    [[[]]],
    [None],
    {},
    {"": {}},
    {"message": {"message": []}},
)
"""Values of every type, for every field."""
