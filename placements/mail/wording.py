"""Words that a run says in the place of ours: plain paragraphs, with what is fixed in braces, like {organisation}.

And the words in which a notice is listed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from placements.mail.asking import found_in
from placements.mail.notices import Notice

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
EVERYWHERE = {"given_name": "recipient.given_name"}


def placeholders(notice: Notice) -> tuple[str, ...]:
    """What may stand in braces in the words of that notice, by name."""
    return (*EVERYWHERE, *notice.fills)


def unknown_in(text: str, known: Iterable[str]) -> list[str]:
    """What stands in braces and is none of those known, in order."""
    return [name for name in PLACEHOLDER.findall(text) if name not in set(known)]


def fill(text: str, notice: Notice, values: Mapping[str, Any]) -> str:
    """The text with what is in braces replaced by what it is for this reader; what is not known stays as it is."""
    where = {**EVERYWHERE, **notice.fills}

    def replace(found: re.Match[str]) -> str:
        name = found[1]
        return str(found_in(where[name], values)) if name in where else found[0]

    return PLACEHOLDER.sub(replace, text)


def in_paragraphs(text: str) -> Markup:
    """As HTML: what blank lines part is a paragraph, and a line's end is one."""
    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    lines = (Markup("<br>").join(escape(line) for line in part.split("\n")) for part in parts)
    return Markup("\n").join(Markup("<p>{}</p>").format(each) for each in lines)


@dataclass(frozen=True)
class Words:
    """What a notice says of itself: what it is called, who gets it, what makes it due and what stops it."""

    title: str
    to: str = ""
    because: str = ""
    until: str = ""


def words_of(notice: Notice) -> Words:
    """What stands in its template's blocks for whoever asks; its name where they are not there."""
    return _words(current_app.jinja_env, notice)


@cache
def _words(environment: Any, notice: Notice) -> Words:
    template = environment.get_template(notice.template)
    context = template.new_context({})
    said = {
        each.name: Markup("".join(template.blocks[each.name](context))).striptags()  # noqa: S704 - the template escapes what it is given
        for each in fields(Words)
        if each.name in template.blocks
    }
    plain = notice.name.partition(".")[2].replace("_", " ").capitalize()
    return Words(**{"title": plain, **said})
