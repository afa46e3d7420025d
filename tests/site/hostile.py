"""Hostile posts made from a form and a seed, how to send them, and what they should never get in answer."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from random import Random
from urllib.parse import quote_plus
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.page import Form, control_type
from tests.site.hostile_values import HEADER, MARKUP, NAMES, VALUES, WORKED_OUT, Upload, hostile_files, hostile_values

# Werkzeug leaves a part's temporary file to the collector when the body breaks off in it: tests of broken bodies are
# marked `filterwarnings(LEFT_OPEN)` and take `files_closed_here`.
LEFT_OPEN = "ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"

REFUSALS = {400, 403, 404, 405, 409, 410, 413, 414, 415, 422, 429}
ANSWERS = {200, 201, 204, 302, 303, *REFUSALS}
BOUNDARY = b"hostileboundary"
LONGEST_ADDRESS = 4000  # servers cut longer ones themselves


@dataclass(frozen=True)
class Post:
    """A body as it goes over the wire, and what is hostile about it."""

    label: str
    body: bytes
    content_type: str = "application/x-www-form-urlencoded"
    action: str | None = None  # of the button that was pressed, where it has one of its own


Pair = tuple[bytes, bytes | Upload]
Values = Iterator[tuple[str, bytes]]
Shape = Callable[[list[Pair], Form, Random, Values], Post]


def plausible(form: Form, given: Mapping[str, str] | None = None, file: Upload | None = None) -> list[Pair]:
    """The form as somebody who means well might send it; `given` says what a field wants that cannot be guessed."""
    pairs: list[Pair] = []
    for control in form.controls:
        name = control.get("name", "")
        offered = [value for value in form.offers(name) or [] if value]
        if control_type(control) == "file":
            pairs.append((name.encode(), file or Upload(b"cv.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf")))
        elif given is not None and name in given:
            pairs.append((name.encode(), given[name].encode()))
        elif offered and not any(form.values[name]):
            pairs.append((name.encode(), offered[0].encode()))
        elif offered:
            pairs += [(name.encode(), value.encode()) for value in form.values[name]]
        else:
            pairs.append((name.encode(), (control.get("value") or _guess(control)).encode()))
    unique = dict.fromkeys(pairs) if any(form.offers(name) for name in form.names) else pairs
    return list(unique)


def hostile_forms(
    form: Form, rng: Random, given: Mapping[str, str] | None = None, only: Sequence[str] = ()
) -> Iterator[Post]:
    """Posts of a form without end: each shape in turn; values, places and the button pressed by `rng`. The token stays.

    Within ENOUGH posts every fixed value has been in every field. With `only` some of VALUES, each is in every field and
    then in one, by turns: twice as many posts have sent them all.
    """
    files = cycle(rng.sample(list(hostile_files()), len(hostile_files())))
    sent = [(label, VALUES[label]) for label in only or VALUES]
    values = cycle(rng.sample(sent, len(sent))) if only else _endless(rng)
    in_turn = cycle(rng.sample(sent, len(sent)))
    shapes = VALUE_SHAPES if only else SHAPES if form.method == "post" else QUERY_SHAPES
    for shape in cycle(shapes):
        file = hostile_files()[next(files)] if form.is_multipart and rng.random() < 0.5 else None
        pairs = plausible(form, given, file)
        pressed = rng.choice(form.buttons) if form.buttons else None
        if pressed is not None and pressed.name:
            pairs.append((pressed.name.encode(), pressed.value.encode()))
        post = shape(pairs, form, rng, in_turn if shape is _everywhere else values)
        action = pressed.action if pressed is not None else None
        yield replace(post, action=action, body=post.body[: LONGEST_ADDRESS if form.method == "get" else None])


def post_hostile(client: FlaskClient, form: Form, post: Post) -> TestResponse:
    """Send one post as it is; its token goes in a header too, so that a body that cannot be read still gets in."""
    if form.method == "get":
        return client.get(f"{form.action.partition('?')[0]}?{post.body.decode('latin-1')}", **_unchecked(client))
    token = (form.values.get("csrf_token") or [""])[0]
    headers = {"X-CSRFToken": token, "Content-Type": post.content_type}
    return client.post(post.action or form.action, data=post.body, headers=headers, **_unchecked(client))


def hostile_problems(response: TestResponse) -> list[str]:
    """What a hostile post should never get: an error of ours, its markup, its sum worked out, a header of its own."""
    found = []
    if response.status_code not in ANSWERS:
        found.append(f"answered {response.status_code}")
    if MARKUP in response.data and response.mimetype == "text/html":
        found.append("gave markup back as markup")
    if WORKED_OUT in response.data:
        found.append("worked out a template")
    if HEADER in response.headers:
        found.append("let a value become a header")
    return found


def _unchecked(client: FlaskClient) -> dict[str, bool]:
    """A page that shows a million characters again may be large; what matters here is in `hostile_problems`."""
    return {"checked": False} if hasattr(client, "forbidden") else {}


def _guess(control: Element) -> str:
    kind, ending = control_type(control), control.get("id", "").rpartition("-")[2]
    by_kind = {
        "hidden": "",
        "email": "ada@example.org",
        "date": "2026-10-14",
        "time": "15:00",
        "number": "3",
        "tel": "020 7946 0000",
    }
    by_ending = {"day": "14", "month": "10", "year": "2026"}
    if kind in by_kind:
        return by_kind[kind]
    return by_ending.get(ending) or ("3" if control.get("inputmode") == "numeric" else "Words")


def _urlencoded(pairs: list[Pair]) -> bytes:
    flat = [(name, value.name if isinstance(value, Upload) else value) for name, value in pairs]
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in flat).encode()


def _multipart(pairs: list[Pair], *, end: bytes = b"--" + BOUNDARY + b"--\r\n") -> bytes:
    parts = []
    for name, value in pairs:
        head = b'Content-Disposition: form-data; name="' + name.replace(b'"', b"%22") + b'"'
        if isinstance(value, Upload):
            head += b'; filename="' + value.name + b'"\r\nContent-Type: ' + value.said.encode()
        content = value.content if isinstance(value, Upload) else value
        parts.append(b"--" + BOUNDARY + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + end


MULTIPART = f"multipart/form-data; boundary={BOUNDARY.decode()}"


def _sent(label: str, pairs: list[Pair], form: Form) -> Post:
    return Post(label, _multipart(pairs), MULTIPART) if form.is_multipart else Post(label, _urlencoded(pairs))


def _targets(pairs: list[Pair]) -> list[int]:
    return [place for place, (name, _) in enumerate(pairs) if name != b"csrf_token"]


def _endless(rng: Random) -> Values:
    while True:
        yield from hostile_values(rng.randrange(2**32))


def _one_value(pairs: list[Pair], form: Form, rng: Random, values: Values) -> Post:
    label, value = next(values)
    if not _targets(pairs):
        return _sent(f"{label} in a field of its own", [*pairs, (b"x", value)], form)
    place = rng.choice(_targets(pairs))
    pairs[place] = (pairs[place][0], value)
    return _sent(f"{label} in {pairs[place][0].decode()}", pairs, form)


def _everywhere(pairs: list[Pair], form: Form, rng: Random, values: Values) -> Post:
    label, value = next(values)
    places = _targets(pairs)
    for place in places if len(value) < 5000 else rng.sample(places, min(1, len(places))):
        pairs[place] = (pairs[place][0], value)
    return _sent(f"{label} everywhere", pairs, form)


def _missing(pairs: list[Pair], form: Form, rng: Random, values: Values) -> Post:
    places = _targets(pairs)
    gone = set(places if rng.random() < 0.3 else rng.sample(places, min(1, len(places))))
    return _sent("fields missing", [pair for place, pair in enumerate(pairs) if place not in gone], form)


def _twice(pairs: list[Pair], form: Form, rng: Random, values: Values) -> Post:
    more = [(pairs[place][0], next(values)[1]) for place in rng.sample(_targets(pairs), min(2, len(_targets(pairs))))]
    return _sent("fields twice", [*pairs, *more] if rng.random() < 0.5 else [*more, *pairs], form)


def _unknown(pairs: list[Pair], form: Form, rng: Random, values: Values) -> Post:
    return _sent("fields that are not on the form", [*pairs, *((name, b"1") for name in NAMES)], form)


def _many(pairs: list[Pair], form: Form, rng: Random, values: Values) -> Post:
    return _sent("three thousand fields", [*pairs, *((b"x%d" % number, b"1") for number in range(3000))], form)


def _other_type(pairs: list[Pair], form: Form, rng: Random, values: Values) -> Post:
    if form.is_multipart:
        return Post("files as mere words", _urlencoded(pairs))
    return Post(
        "files where there were none",
        _multipart([(n, Upload(b"x.pdf", v if isinstance(v, bytes) else b"")) for n, v in pairs]),
        MULTIPART,
    )


def _broken_body(pairs: list[Pair], form: Form, rng: Random, values: Values) -> Post:
    whole = _multipart(pairs)
    return rng.choice(
        [
            Post("multipart cut short", whole[: rng.randrange(len(whole))], MULTIPART),
            Post("multipart without an end", _multipart(pairs, end=b""), MULTIPART),
            Post("multipart without a boundary", whole, "multipart/form-data"),
            Post("multipart with another boundary", whole, "multipart/form-data; boundary=another"),
            Post("multipart with broken heads", whole.replace(b"form-data; name=", b"\xff; nam"), MULTIPART),
            Post("multipart with a CR LF in a name", whole.replace(b'name="', b'name="\r\n'), MULTIPART),
            Post("broken per cent signs", _urlencoded(pairs) + b"&%zz=%&=&&&%00=%ff;a=b"),
            Post("a form cut short", _urlencoded(pairs)[:-1] + b"%"),
            Post("a body in no known type", _urlencoded(pairs), "text/hostile; charset=utf-7"),
            Post("a body of JSON", b'{"name": null}', "application/json"),
            Post("a body of no type", b"\0\xff", ""),
            Post("no body", b""),
        ]
    )


VALUE_SHAPES: tuple[Shape, ...] = (_everywhere, _one_value)
QUERY_SHAPES: tuple[Shape, ...] = (
    _everywhere,
    _one_value,
    _everywhere,
    _missing,
    _everywhere,
    _twice,
    _one_value,
    _unknown,
)
SHAPES: tuple[Shape, ...] = (
    *QUERY_SHAPES,
    _one_value,
    _broken_body,
    _everywhere,
    _other_type,
    _broken_body,
    _one_value,
    _many,
)
ENOUGH = len(SHAPES) * -(-len(VALUES) // SHAPES.count(_everywhere))
