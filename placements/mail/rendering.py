"""From a message's notices to a subject, an HTML part and a plain text made from the same template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
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
BLOCKS = frozenset({"p", "h1", "h2", "li", "tr", "div"})


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


class _Text(HTMLParser):
    """Reads our own mail templates: paragraphs, lists, and links written out as “label: address”."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.words = ""
        self.address: str | None = None
        self.skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skipping += tag in SKIPPED
        if tag in BLOCKS:
            self._end_line()
        if tag == "li":
            self.words = "- "
        if tag == "a":
            self.address = dict(attrs).get("href")

    def handle_endtag(self, tag: str) -> None:
        self.skipping -= tag in SKIPPED
        if tag == "a" and self.address:
            if self.address not in self.words:
                self.words = f"{self.words.rstrip()}: {self.address} "
            self.address = None
        if tag in BLOCKS:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.words += data

    def _end_line(self) -> None:
        line = " ".join(self.words.split())
        if line:
            self.lines.append(line)
        self.words = ""


def as_text(html: str) -> str:
    """The plain-text part of a mail: a paragraph a block, list items together."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    text = ""
    previous = ""
    for line in reader.lines:
        text += ("\n" if line.startswith("- ") and previous.startswith("- ") else "\n\n") + line
        previous = line
    return text.strip() + "\n"
