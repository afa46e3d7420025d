"""What people type about a run's marks: a set to release, why one is withheld, a board, what to export or look for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import SelectChoice, SelectMultipleField, ValidationError

from placements.assessment.models import Mark
from placements.assessment.queries import STANDINGS
from placements.board.models import Stage
from placements.cohorts.models import Component, ModuleRun
from placements.core.clock import exists_in_london, in_london
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

NOW, LATER = "now", "later"


class ReleaseForm(Form):
    """A set of marks; and once it has been looked at, `seen`, and when to release it."""

    marks = SelectMultipleField("Marks to release", validate_choice=False)
    seen = fields.seen()
    how = fields.one("When to release them", {NOW: "Now", LATER: "At a moment that you choose"})
    on = fields.day("Day")
    at = fields.time_of_day("Time on that day", hint="For example, 3pm")

    def validate_marks(self, field: SelectMultipleField) -> None:
        """At least one, and all still there to be released."""
        if not field.data:
            raise ValidationError("Choose at least one mark")
        if not set(field.data) <= {choice.value for choice in field.choices}:
            raise ValidationError("A mark that you chose can no longer be released. Look at the list again")

    def validate_at(self, field: Any) -> None:
        """A moment needs both, and on one night of the year an hour is missing."""
        if not self.seen.data or self.how.data != LATER:
            return
        if not self.on.data and not self.on.errors:
            self.on.errors = [*self.on.errors, "Enter the day to release them"]
        if not field.data and not field.errors:
            raise ValidationError("Enter the time on that day")
        if self.on.data and field.data and not exists_in_london(self.on.data, field.data):
            raise ValidationError("The clocks go forward that night. Enter another time")

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """What is wrong with the day counts, whichever field found it."""
        return super().validate(*args, **kwargs) and not self.on.errors

    @property
    def release_at(self) -> datetime | None:
        """The moment that was chosen; None for now."""
        return in_london(self.on.data, self.at.data) if self.how.data == LATER else None

    def offer(self, marks: Sequence[Mark]) -> None:
        """What can be chosen."""
        self.marks.choices = [SelectChoice(mark.public_id, mark.enrolment.person.name) for mark in marks]


class WithholdForm(Form):
    """Why a mark is kept back."""

    reason = fields.long_text(
        "Why it is withheld",
        missing="Write why the mark is withheld",
        hint="Kept encrypted. Module leaders of this run read it, and each reading is written down.",
    )


class EndForm(Form):
    """Why it no longer is."""

    reason = fields.long_text("Why it is no longer withheld", missing="Write why the mark is no longer withheld")


class ConfirmForm(Form):
    """The board that confirmed what was looked at."""

    board_on = fields.day("Date of the board", missing="Enter the day on which the board met")
    chair = fields.text("Who chaired it", missing="Enter the name of who chaired the board")
    note = fields.long_text(
        "Note", hint="Optional. What else is to be kept of the meeting, such as the minute’s number."
    )
    seen = fields.seen()


class CorrectForm(Form):
    """Another mark for one that the board has confirmed."""

    to_mark = fields.number("The mark should be", least=0, most=100, missing="Enter the mark that it should be")
    reason = fields.long_text(
        "Why",
        missing="Write why the mark has to change",
        most=1000,
        hint="The student reads this once it is agreed. Name nobody else in it.",
    )


class RefuseForm(Form):
    """Why a correction is not made."""

    answer = fields.long_text("Why the mark stays as it is", missing="Write why the mark stays as it is", most=1000)


ALL, CHANGES = "all", "changes"


class ExportForm(Form):
    """Which marks to send."""

    stage = fields.one(
        "Which marks",
        {Stage.PROVISIONAL: "Provisional: released, before the board", Stage.CONFIRMED: "Confirmed by the board"},
        missing="Choose which marks to export",
        coerce=Stage,
    )
    what = fields.one("How many of them", {ALL: "All", CHANGES: "Only what is new or changed since the last export"})


class RunFilters(Filters):
    """What a run's marks, or its marks to release, can be narrowed by."""

    search = fields.text("Name or student number", most=100)
    group = fields.one_of_many("Group", {}, empty="All groups")
    component = fields.one_of_many("Component", {}, empty="Any component")
    standing = fields.one_of_many("Standing", STANDINGS, empty="Anywhere")

    def __init__(self, run: ModuleRun, components: Sequence[Component]) -> None:
        self._offered = {
            "group": [SelectChoice(each.public_id, each.name) for each in run.groups],
            "component": [SelectChoice(each.public_id, each.title) for each in components],
        }
        super().__init__()

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Against the groups and components that there are."""
        for name, choices in self._offered.items():
            self[name].choices = [*self[name].choices[:1], *choices]
        return super().validate(*args, **kwargs)
