"""Lists: filters read from the address, the tags that take them away, and where one stands in the pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import current_app, request, url_for
from wtforms import Field

from placements.db import COUNTED
from placements.web.forms import Form

PAGE_SIZE = 25
MOST_PAGES = 10_000
Row = TypeVar("Row")
A_PUBLIC_ID = "-public-id-"
PLAIN = {"StringField": "text", "SelectField": "select", "BooleanField": "tick"}


class Filters(Form):
    """Fields above a list, sent by GET. What cannot be read filters nothing; every field is optional."""

    class Meta(Form.Meta):
        csrf = False

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Any:
            """A plain field by the macros of `components/filters.html`, the others and what is wrong as on any form."""
            macro = PLAIN.get(field.type)
            if not macro or field.errors or field.description or field.render_kw or render_kw:
                return super().render_field(field, render_kw)
            return getattr(current_app.jinja_env.get_template("components/filters.html").module, macro)(field)

    def __init__(self) -> None:
        super().__init__(request.args)
        self.validate()

    def values(self) -> dict[str, Any]:
        """What is asked for, by field name; None where a field is empty, not ticked, or cannot be read."""
        return {field.name: None if field.errors or _is_empty(field.data) else field.data for field in self}

    def chosen(self) -> list[dict[str, str]]:
        """The filters in use, each with the address of the same list without it."""
        given = self.values()
        return [
            {"label": self._said(name), "remove_url": _here({**_asked(), name: None, "page": None})}
            for name, value in given.items()
            if value is not None
        ]

    def _said(self, name: str) -> str:
        field = self[name]
        if field.data is True:
            return str(field.label.text)
        choices = {str(choice.value): choice.label for choice in getattr(field, "choices", None) or ()}
        return f"{field.label.text}: {choices.get(str(field.data), field.data)}"


def _is_empty(data: Any) -> bool:
    """Whether a field holds nothing; nought is something."""
    return data is None or data is False or data in ("", [])


@dataclass(frozen=True)
class Paging:
    """What `components/paging.html` shows: rows `first` to `last` of `count_said`, and the pages either side.

    A list that `is_cut_off` here goes on in the database, but shows no more than its first COUNTED rows.
    """

    first: int
    last: int
    count_said: str
    previous_url: str | None
    next_url: str | None
    is_cut_off: bool


def page_number() -> int:
    """The page asked for, from 1; 1 where the address says none that can be."""
    asked = request.args.get("page", "")
    can_be_one = asked.isascii() and asked.isdigit() and len(asked) <= len(str(MOST_PAGES))
    return min(max(int(asked), 1), MOST_PAGES) if can_be_one else 1


def paging(shown: int, count: int, size: int = PAGE_SIZE) -> Paging:
    """Where the current page stands: it shows `shown` rows of `count` (more than COUNTED means "many")."""
    number = page_number()
    last = size * (number - 1) + shown
    goes_on = shown == size and last < min(count, COUNTED)
    return Paging(
        first=last - shown + 1,
        last=last if shown else 0,
        count_said=f"{count:,}" if count <= COUNTED else f"{COUNTED:,}+",
        previous_url=_here({**_asked(), "page": str(number - 1)}) if number > 1 else None,
        next_url=_here({**_asked(), "page": str(number + 1)}) if goes_on else None,
        is_cut_off=last == COUNTED < count,
    )


def page_of(rows: Sequence[Row], size: int = PAGE_SIZE) -> Sequence[Row]:
    """The rows of the current page, where all are there."""
    first = size * (page_number() - 1)
    return rows[first : first + size]


def urls_of(endpoint: str) -> Callable[[str], str]:
    """How a list writes the addresses of its rows by their public ids: one `url_for` a page, not one a row."""
    before, _, after = url_for(endpoint, public_id=A_PUBLIC_ID).partition(A_PUBLIC_ID)
    return lambda public_id: f"{before}{public_id}{after}"


def _asked() -> dict[str, str]:
    return request.args.to_dict()


def _here(arguments: Mapping[str, str | None]) -> str:
    """This page's address with other arguments; None and nothing leave one out."""
    asked = urlencode({name: value for name, value in arguments.items() if value})
    return f"{request.path}?{asked}" if asked else request.path
