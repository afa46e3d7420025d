"""What people type about a run's marks: a set to release, the day of a board, what to export, what to look for."""

from collections.abc import Sequence
from typing import Any

from wtforms import SelectChoice, SelectMultipleField, ValidationError

from placements.assessment.models import Mark
from placements.assessment.queries import STANDINGS
from placements.board.models import Stage
from placements.cohorts.models import Component, ModuleRun
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters


class ReleaseForm(Form):
    """A set of marks; `seen` once it has been looked at."""

    marks = SelectMultipleField("Marks to release", validate_choice=False)
    seen = fields.seen()

    def validate_marks(self, field: SelectMultipleField) -> None:
        """At least one, and all still there to be released."""
        if not field.data:
            raise ValidationError("Choose at least one mark")
        if not set(field.data) <= {choice.value for choice in field.choices}:
            raise ValidationError("A mark that you chose can no longer be released. Look at the list again")

    def offer(self, marks: Sequence[Mark]) -> None:
        """What can be chosen."""
        self.marks.choices = [SelectChoice(mark.public_id, mark.enrolment.person.name) for mark in marks]


class ConfirmForm(Form):
    """The board that confirmed what was looked at."""

    board_on = fields.day("Date of the board", missing="Enter the day on which the board met")
    seen = fields.seen()


class ExportForm(Form):
    """Which marks to send."""

    stage = fields.one(
        "Which marks",
        {Stage.PROVISIONAL: "Provisional: released, before the board", Stage.CONFIRMED: "Confirmed by the board"},
        missing="Choose which marks to export",
        coerce=Stage,
    )


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
