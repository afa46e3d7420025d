"""Forms of rosters, and the filters above the list of students."""

from collections.abc import Sequence
from typing import Any

from wtforms import SelectChoice

from placements.cohorts.models import TimeslotGroup
from placements.cohorts.workflow import EnrolmentState
from placements.core.workflow import say_state
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters


class UploadForm(Form):
    """An enrolment file."""

    file = fields.file("Enrolment file", hint="A CSV file from Evision, as it comes", accept=".csv,text/csv")


class ApplyForm(Form):
    """Agreement to what the preview says."""

    refusals = {
        "uq_enrolment_run_id_person_id": (None, "A student in this file is on two periods of one module here."),
    }

    fingerprint = fields.seen()
    leave_out = fields.tick("Import the rest and leave these lines out")


class StudentFilters(Filters):
    """What the list of students can be narrowed by."""

    search = fields.text("Name, number or email", most=100)
    group = fields.one_of_many("Group", {}, empty="All groups")
    status = fields.one_of_many(
        "Status", {state: say_state(state).capitalize() for state in EnrolmentState}, empty="Any", coerce=EnrolmentState
    )

    def __init__(self, groups: Sequence[TimeslotGroup]) -> None:
        self._groups = groups
        super().__init__()

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Against the groups that there are."""
        every = SelectChoice("", "All groups")
        self.group.choices = [every, *(SelectChoice(group.public_id, group.name) for group in self._groups)]
        return super().validate(*args, **kwargs)
