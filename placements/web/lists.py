"""Lists: filters read from the address, the tags that take them away, and where one stands in the pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request

from placements.db import COUNTED
from placements.web.forms import Form

PAGE_SIZE = 25
MOST_PAGES = 10_000


class Filters(Form):
    """Fields above a list, sent by GET. What cannot be read filters nothing; every field is optional."""

    class Meta(Form.Meta):
        csrf = False

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
    """What `components/paging.html` shows: rows `first` to `last` of `count_said`, and the pages either side."""

    first: int
    last: int
    count_said: str
    previous_url: str | None
    next_url: str | None


def page_number() -> int:
    """The page asked for, from 1; 1 where the address says none that can be."""
    asked = request.args.get("page", "")
    can_be_one = asked.isascii() and asked.isdigit() and len(asked) <= len(str(MOST_PAGES))
    return min(max(int(asked), 1), MOST_PAGES) if can_be_one else 1


def paging(shown: int, count: int, size: int = PAGE_SIZE) -> Paging:
    """Where the current page stands: it shows `shown` rows of `count` (more than COUNTED means "many")."""
    number = page_number()
    last = size * (number - 1) + shown
    goes_on = shown == size and (count > COUNTED or last < count)
    return Paging(
        first=last - shown + 1,
        last=last if shown else 0,
        count_said=f"{count:,}" if count <= COUNTED else f"{COUNTED:,}+",
        previous_url=_here({**_asked(), "page": str(number - 1)}) if number > 1 else None,
        next_url=_here({**_asked(), "page": str(number + 1)}) if goes_on else None,
    )


def _asked() -> dict[str, str]:
    return request.args.to_dict()


def _here(arguments: Mapping[str, str | None]) -> str:
    """This page's address with other arguments; None and nothing leave one out."""
    asked = urlencode({name: value for name, value in arguments.items() if value})
    return f"{request.path}?{asked}" if asked else request.path
