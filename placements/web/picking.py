"""A form that picks one challenge of many: the likeliest ten are radio buttons, the others a drop-down list."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import SelectChoice

from placements.web import fields
from placements.web.forms import Form

FIRST = 10
ANOTHER = "another"


class PickForm(Form):
    """`challenge` offers the first ten and another, `other` the rest, and is not there where there is none."""

    challenge = fields.one("Which place?", {}, missing="Choose a place")
    other = fields.one_of_many("The other places", {}, empty="Choose one")

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Say what can be picked, the likeliest first: each its value, and its words."""
        first, rest = choices[:FIRST], choices[FIRST:]
        self.challenge.choices = [SelectChoice(value, said) for value, said in first]
        if rest:
            self.challenge.choices.append(SelectChoice(ANOTHER, f"One of the {len(rest)} others"))
            self.other.choices = [SelectChoice("", "Choose one"), *(SelectChoice(*each) for each in rest)]
        else:
            del self.other

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Another is chosen from the list of the others."""
        is_valid = super().validate(*args, **kwargs)
        if self.challenge.data == ANOTHER and not self.other.data and not self.other.errors:
            self.other.errors = ["Choose one of the other places from the list"]
            return False
        return is_valid

    @property
    def picked(self) -> str:
        """What was picked."""
        return str(self.other.data if self.challenge.data == ANOTHER else self.challenge.data)

    def shown(self, hints: Mapping[str, str]) -> dict[str, Any]:
        """How the radio buttons are drawn: each with its hint, the list of the others within the last."""
        items: list[dict[str, Any]] = [{"hint": {"html": hints[value]}} for value in self._first()]
        if "other" in self:
            items.append({"conditional": {"html": self.other()}})
        return {"items": items}

    def _first(self) -> list[str]:
        return [choice.value for choice in self.challenge.choices if choice.value != ANOTHER]
