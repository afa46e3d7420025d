"""What each marker takes on, and one script given by hand."""

from collections.abc import Sequence
from typing import Any

from wtforms import SelectChoice

from placements.people.models import Person
from placements.scripts.queries import Field, Line, Sharer
from placements.web import fields
from placements.web.forms import Form


class SharesForm(Form):
    """Weight and limit of each marker; `of(field)` gives the form its fields."""

    sharers: Sequence[Sharer] = ()

    @classmethod
    def of(cls, field: Field) -> "SharesForm":
        """The form for one component, with what is said now."""
        parts: dict[str, Any] = {"sharers": field.sharers}
        saved: dict[str, int | None] = {}
        for place, each in enumerate(field.sharers):
            name = each.person.name
            parts[f"weight_{place}"] = fields.number(
                f"Share of {name}", least=0, most=100, missing=f"Enter the share of {name}, or 0 for none"
            )
            parts[f"most_{place}"] = fields.number(f"At most, for {name}", least=0, most=1000)
            saved |= {f"weight_{place}": each.weight, f"most_{place}": each.most}
        return type("SharesFormOfRun", (cls,), parts)(data=saved)

    def said(self) -> dict[int, tuple[int, int | None]]:
        """Weight and limit by the person's key."""
        return {
            each.person.id: (self[f"weight_{place}"].data, self[f"most_{place}"].data)
            for place, each in enumerate(self.sharers)
        }


class ShareForm(Form):
    """One button, under what it will do."""

    seen = fields.seen()


class GiveForm(Form):
    """One marker for one script, whatever sharing out would say."""

    marker = fields.one("Who marks it?", {}, missing="Choose who marks it")
    reason = fields.long_text(
        "Why?", missing="Say why, in a sentence", most=2000, rows=3, hint="Only those who lead the run read it."
    )

    def __init__(self, field: Field, line: Line) -> None:
        has = {each.person.id: sum(other.holder is each.person for other in field.lines) for each in field.sharers}
        reason = line.fix.reason if line.fix else None
        super().__init__(marker=line.holder.public_id if line.holder else None, reason=reason)
        able = field.may_have(line.mark)
        self.known: dict[str, Person] = {each.person.public_id: each.person for each in able}
        self.marker.choices = [
            SelectChoice(each.person.public_id, f"{each.person.name} (has {has[each.person.id]})") for each in able
        ]
