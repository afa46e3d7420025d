"""From a message's notices to a subject, an HTML part and a plain text made from the same template."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path

import css_inline
from flask import current_app
from jinja2 import Template
from jinja2.runtime import Context
from markupsafe import Markup

from placements.mail.asking import Said
from placements.mail.choosing import WaysOut
from placements.mail.wording import fill, in_paragraphs
from placements.people.models import Person

STYLE = Path(__file__).parent / "mail.css"
SUBJECT_LENGTH = 200
SKIPPED = frozenset({"head", "style", "title"})
TAG = re.compile(r"<([^>]*)>")
ADDRESS = re.compile(r'\bhref="([^"]*)"')
BLOCKS = frozenset({"p", "h1", "h2", "li", "tr", "div"})
RULE = "* * *"  # what parts the things that one mail says


@dataclass(frozen=True)
class Rendered:
    """A mail ready to send."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)  # beyond those that every mail has


def render(said: Sequence[Said], recipient: Person, ways: WaysOut | None = None) -> Rendered:
    """Make one mail of what there is to say to one person (one notice or more); its foot names the ways out."""
    parts = [parts_of(each, recipient) for each in said]
    subject = parts[0][0] if len(parts) == 1 else f"{len(parts)} things from Placements: {parts[0][0]}"
    layout = current_app.jinja_env.get_template("mail/layout.html")
    html = layout.render(subject=subject, bodies=[body for _, body in parts], recipient=recipient, ways=ways)
    return Rendered(subject[:SUBJECT_LENGTH], as_text(html), _inlined(html), ways.headers if ways else {})


def parts_of(said: Said, recipient: Person) -> tuple[str, Markup]:
    """Subject and body; what its run says in words of its own stands in the place of the template's."""
    environment = current_app.jinja_env
    values = {**said.values, "recipient": recipient}
    template = environment.get_template(said.notice.template)
    context = template.new_context({**values, "button": environment.get_template("mail/parts.html").module.button})  # type: ignore[attr-defined]
    own = said.own
    if own is not None and own.words:
        words = in_paragraphs(fill(own.words, said.notice, values))
        context.blocks["words"] = [lambda _context: iter([words])]
    subject, body = (_block(template, name, context) for name in ("subject", "body"))
    if "because" in template.blocks:
        body += Markup('<p class="why">You get this because {}.</p>').format(_block(template, "because", context))
    title = fill(own.subject, said.notice, values) if own is not None and own.subject else subject.unescape()
    return " ".join(title.split()), body


def _block(template: Template, name: str, context: Context) -> Markup:
    return Markup("".join(template.blocks[name](context))).strip()  # noqa: S704 - the template escapes what it is given


@cache
def _style() -> str:
    return STYLE.read_text(encoding="utf-8")


def _inlined(html: str) -> str:
    return css_inline.inline(html, extra_css=_style(), load_remote_stylesheets=False)


class _Text:
    """Reads our own mail templates: paragraphs, lists, and links written out as “label: address”.

    In them “<” only ever begins a tag, since what is filled in is escaped: no parser of any HTML is needed, which took
    a quarter of the time that putting a mail together takes.
    """

    def __init__(self) -> None:
        self.text = ""
        self.line = ""  # the last that was written
        self.words = ""  # the next one, as far as it goes
        self.address: str | None = None
        self.skipping = 0
        self.is_broken = False  # whether the next line belongs to the one before

    def read(self, html: str) -> None:
        """All of it: words and tags in turn."""
        for place, part in enumerate(TAG.split(html)):
            if place % 2 == 0:
                self.words += "" if self.skipping else unescape(part)
            elif part.startswith("/"):
                self._end(part[1:])
            else:
                self._begin(*part.split(maxsplit=1))
        self._end_line()

    def _begin(self, name: str, attributes: str = "") -> None:
        self.skipping += name in SKIPPED
        if name in BLOCKS or name == "br":
            self._end_line()
            self.is_broken = name == "br"
        if name == "hr":
            self.words = RULE
            self._end_line()
        if name == "li":
            self.words = "- "
        if name == "a":
            address = ADDRESS.search(attributes)
            self.address = unescape(address[1]) if address else None

    def _end(self, name: str) -> None:
        self.skipping -= name in SKIPPED
        if name == "a" and self.address:
            if self.address not in self.words:
                self.words = f"{self.words.rstrip()}: {self.address} "
            self.address = None
        if name in BLOCKS:
            self._end_line()

    def _end_line(self) -> None:
        line = " ".join(self.words.split())
        if line:
            is_close = self.is_broken or (line.startswith("- ") and self.line.startswith("- "))
            self.text += ("\n" if is_close else "\n\n") + line
            self.line, self.is_broken = line, False
        self.words = ""


def as_text(html: str) -> str:
    """The plain-text part of a mail: a paragraph a block, list items together."""
    reader = _Text()
    reader.read(html)
    return reader.text.strip() + "\n"
