"""What a module leader types about later deadlines: whose, for what, until when and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import BooleanField, SelectChoice

from placements.cohorts.dates import DEADLINE_TIME
from placements.cohorts.models import Component, Enrolment, ModuleRun
from placements.core.clock import in_london
from placements.extensions.planning import Wanted
from placements.extensions.rules import Cause
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

CAUSES = {
    Cause.ADJUSTMENT: "Agreed adjustment",
    Cause.PLACED_LATE: "Placed late",
    Cause.ORGANISATION_LOST: "The organisation was lost",
    Cause.UNIVERSITY: "Another fault of the university’s",
}
EVERY = "every"
MOST_DAYS = 180
DAY_HINT = "At 3pm on that day. For example, 26 5 2027"
REFERENCE_HINT = "What the disability service calls the adjustment, or where the cause is written down. Never evidence."


class WhyForm(Form):
    """Why a deadline is moved; `seen` once what it moves has been looked at."""

    cause = fields.one("Why", CAUSES, missing="Choose why the deadline is moved", coerce=Cause)
    reference = fields.text("Reference", most=100, hint=REFERENCE_HINT)
    seen = fields.seen()
    is_back = BooleanField()  # the button that leads back to what was typed

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """An adjustment was agreed somewhere."""
        is_valid = super().validate(*args, **kwargs)
        if self.cause.data is Cause.ADJUSTMENT and not self.reference.data:
            self.reference.errors = ["Enter the reference of the agreed adjustment"]
        return is_valid and not self.errors


class GrantForm(WhyForm):
    """Whose deadlines, for which work, and to when: a day, or so many days later each."""

    refusals = {
        "uq_extension_form_key": (None, "These extensions were granted already."),
        "uq_extension_in_force": (None, "One of these students was given an extension meanwhile. Look at it again."),
    }

    students = fields.several("Students", {}, missing="Choose at least one student")
    work = fields.one_of_many("Work", {}, missing="Choose the work whose deadline is moved")
    day = fields.day("New deadline", hint=DAY_HINT)
    days = fields.number(
        "Or so many days later", least=1, most=MOST_DAYS, hint="Counted from each deadline; never to a closed day"
    )
    form_key = fields.form_key()

    def offer(self, enrolments: Sequence[Enrolment], components: Sequence[Component]) -> None:
        """Which students and which work there are."""
        self.students.choices = [SelectChoice(each.public_id, _said(each)) for each in enrolments]
        works = [SelectChoice(each.public_id, each.title) for each in components]
        every = SelectChoice(EVERY, "Every deadline of the year: an agreed adjustment")
        self.work.choices = [*self.work.choices[:1], *works, every]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """A day or a number of days; for every deadline the latter, and as agreed."""
        is_valid = super().validate(*args, **kwargs)
        is_every = self.work.data == EVERY
        if not self.day.errors and not self.days.errors:
            if is_every and (self.day.data or not self.days.data):
                self.days.errors = ["For every deadline, enter by how many days it is later, and no day"]
            elif bool(self.day.data) == bool(self.days.data):
                self.day.errors = ["Enter the new deadline, or by how many days it is later"]
        if is_every and self.cause.data is not Cause.ADJUSTMENT and not self.cause.errors:
            self.cause.errors = ["Only an agreed adjustment moves every deadline"]
        return is_valid and not self.errors

    def wanted(self, enrolments: Sequence[Enrolment], components: Sequence[Component]) -> Wanted:
        """What is asked for, of those offered."""
        chosen = [each for each in enrolments if each.public_id in (self.students.data or ())]
        works = [each for each in components if self.work.data in (EVERY, each.public_id)]
        return Wanted(chosen, works, _at(self.day.data), self.days.data or 0)


class ChangeForm(WhyForm):
    """Another date for one student's extension, and why."""

    day = fields.day("New deadline", missing="Enter the new deadline", hint=DAY_HINT)

    @property
    def due_at(self) -> datetime:
        """The moment on that day."""
        due_at = _at(self.day.data)
        assert due_at is not None
        return due_at


class WithdrawForm(Form):
    """Why it is taken back."""

    reason = fields.long_text("Reason", missing="Say why it is withdrawn", most=1000, rows=3)


class _OfRun(Filters):
    """What students of a run can be narrowed by."""

    search = fields.text("Name or student number", most=100)
    group = fields.one_of_many("Group", {}, empty="All groups")

    def __init__(self, run: ModuleRun, components: Sequence[Component] = ()) -> None:
        self._offered = {
            "group": [SelectChoice(each.public_id, each.name) for each in run.groups],
            "work": [SelectChoice(each.public_id, each.title) for each in components],
        }
        super().__init__()

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Against the groups and the work that there are."""
        for name, choices in self._offered.items():
            if name in self:
                self[name].choices = [*self[name].choices[:1], *choices]
        return super().validate(*args, **kwargs)


class StudentFilters(_OfRun):
    """Who can be chosen."""


class ListFilters(_OfRun):
    """What a run's extensions can be narrowed by."""

    work = fields.one_of_many("Work", {}, empty="Any work")
    ended = fields.tick("Changed or withdrawn")


def _said(enrolment: Enrolment) -> str:
    number = enrolment.person.student_number
    return f"{enrolment.person.name}, {enrolment.group.name}" + (f", {number}" if number else "")


def _at(day: Any) -> datetime | None:
    return in_london(day, DEADLINE_TIME) if day else None
