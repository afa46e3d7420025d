"""Words that a run says in the place of ours: plain paragraphs, with what is fixed in braces, like {organisation}."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

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
