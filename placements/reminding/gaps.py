"""How a notice reads for whoever looks after what we write: without its addresses, which are its reader's alone.

Where there is nothing to fill it with, every value is a gap.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

from flask import current_app
from jinja2 import ChainableUndefined, Environment
from markupsafe import Markup

from placements.mail.asking import Said
from placements.mail.models import OwnNotice
from placements.mail.notices import Notice
from placements.mail.rendering import as_text, parts_of
from placements.mail.wording import in_paragraphs
from placements.people.models import Person

GAP = "…"
ADDRESS = re.compile(r' href="[^"]*"')


class Gap(ChainableUndefined):
    """Whatever is asked of it is a gap too; true, so that what is said in most cases is shown; of lists, one item."""

    parts = 1  # that an item of a list has

    def __str__(self) -> str:
        return GAP

    def __html__(self) -> str:
        return GAP

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Any]:
        yield [type(self)()] * self.parts if self.parts > 1 else type(self)()

    def __len__(self) -> int:
        return 1

    def __call__(self, *given: Any, **more: Any) -> "Gap":  # type: ignore[override]
        return type(self)()

    def _same(self, _other: Any) -> "Gap":
        return self

    def _yes(self, _other: Any) -> bool:
        return True

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __floordiv__ = __mod__ = _same  # type: ignore[assignment]
    __lt__ = __le__ = __gt__ = __ge__ = _yes  # type: ignore[assignment]
    __int__ = __len__  # type: ignore[assignment]


GAPS = (Gap, *(type("Gap", (Gap,), {"parts": parts}) for parts in range(2, 6)))


def with_gaps(notice: Notice, own: OwnNotice | None = None) -> tuple[str, str]:
    """Its subject and plain text; where a run has words of its own, those as they were typed."""
    said = current_app.jinja_env, notice.template
    return _with_gaps(*said, own.subject or "", own.words or "") if own is not None else _with_gaps(*said, "", "")


def usual_words(notice: Notice) -> str:
    """What a run's own words would take the place of, as plain text with gaps."""
    return _usual_words(current_app.jinja_env, notice.template)


def without_addresses(said: Said, recipient: Person) -> tuple[str, str]:
    """The same of what would be said to somebody: the links in it work for them, and for nobody who looks on."""
    subject, body = parts_of(said, recipient)
    return subject, as_text(ADDRESS.sub("", body))


@lru_cache(maxsize=500)
def _with_gaps(site: Environment, name: str, own_subject: str, own_words: str) -> tuple[str, str]:
    subject, body = _read(site, name, ("subject", "body"), own_words)
    plain = own_subject or Markup(subject).unescape()  # noqa: S704 - it is taken out of HTML here
    return " ".join(plain.split()), as_text(body)


@cache
def _usual_words(site: Environment, name: str) -> str:
    return as_text(_read(site, name, ("words",))[0])


def _read(site: Environment, name: str, parts: Sequence[str], own_words: str = "") -> list[str]:
    """Those blocks of a template, as HTML."""
    *most, last = GAPS
    for kind in most:
        try:
            return _blocks(_gappy(site, kind), name, parts, own_words)
        except ValueError:  # an item of a list has more parts
            continue
    return _blocks(_gappy(site, last), name, parts, own_words)


def _blocks(environment: Environment, name: str, parts: Sequence[str], own_words: str) -> list[str]:
    template = environment.get_template(name)
    context = template.new_context({"button": lambda label, address: Markup("<p>[{}]</p>").format(label)})
    if own_words:
        words = in_paragraphs(own_words)
        context.blocks["words"] = [lambda _context: iter([words])]
    return ["".join(template.blocks[part](context)) for part in parts]


@cache
def _gappy(site: Environment, kind: type[Gap]) -> Environment:
    """The site's templates, where a gap goes through every filter and test as a gap."""
    environment = site.overlay(undefined=kind, cache_size=400)
    environment.filters = {name: _letting_gaps_through(each) for name, each in site.filters.items()}
    environment.tests = {name: _letting_gaps_through(each) for name, each in site.tests.items()}
    environment.globals = {**site.globals, "url_for": lambda *_, **__: "#"}
    return environment


def _letting_gaps_through(filtering: Any) -> Any:
    if getattr(filtering, "jinja_pass_arg", None):
        return lambda *_, **__: Gap()

    def through(*given: Any, **more: Any) -> Any:
        return Gap() if any(isinstance(each, Gap) for each in given) else filtering(*given, **more)

    return through
