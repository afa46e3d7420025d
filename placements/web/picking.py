"""A form that picks one of many: the likeliest ten are radio buttons, the others a drop-down list."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from wtforms import SelectChoice

from placements.web import fields
from placements.web.forms import Form

FIRST = 10
ANOTHER = "another"


class Pick(NamedTuple):
    """What can be picked: its value, its words, and what else is said of it where there is no room for a hint."""

    value: str
    said: str
    more: str


class PickForm(Form):
    """`picks` names the field of the first ten and another; `other` offers the rest, and goes where there is none."""

    picks: ClassVar[str]
    other = fields.one_of_many("The others", {}, empty="Choose one")

    def offer(self, picks: Sequence[Pick]) -> None:
        """Say what can be picked, the likeliest first."""
        first, rest = picks[:FIRST], picks[FIRST:]
        self[self.picks].choices = [SelectChoice(each.value, each.said) for each in first]
        if not rest:
            del self.other
            return
        self[self.picks].choices.append(SelectChoice(ANOTHER, f"Another: {len(rest)} more"))
        others = [SelectChoice(each.value, f"{each.said}{each.more}") for each in rest]
        self.other.choices = [SelectChoice("", "Choose one"), *others]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Another is chosen from the list of the others."""
        is_valid = super().validate(*args, **kwargs)
        needs_other = "other" in self and self[self.picks].data == ANOTHER
        if needs_other and not self.other.data and not self.other.errors:
            self.other.errors = ["Choose one of the others from the list"]
            return False
        return is_valid

    @property
    def picked(self) -> str:
        """What was picked."""
        return str(self.other.data if self[self.picks].data == ANOTHER else self[self.picks].data)

    def shown(self, hints: Mapping[str, str]) -> dict[str, Any]:
        """How the radio buttons are drawn: each with its hint, the list of the others within the last."""
        items: list[dict[str, Any]] = [{"hint": {"html": hints[value]}} for value in self._first()]
        if "other" in self:
            items.append({"conditional": {"html": self.other()}})
        return {"items": items}

    def _first(self) -> list[str]:
        return [choice.value for choice in self[self.picks].choices if choice.value != ANOTHER]
