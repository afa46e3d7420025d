"""Planning a day, saying that one cannot come, closing an organisation, and what a visit or call came to."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from placements.attendance.models import KINDS, NOTE_LENGTH, WHY_LENGTH, ContactKind, ContactPoint, PlannedDay
from placements.attendance.workflow import ContactState
from placements.core.clock import exists_in_london, in_london
from placements.web import fields
from placements.web.forms import Form

TAKEN = {"uq_planned_visit_placement_id_on": ("on", "That day is in the plan already. Choose another.")}
USUAL_TIME = time(14)  # of a visit or call, until the tutor says another
WENT = {ContactState.DONE: "It took place", ContactState.MISSED: "It did not take place"}


class DayForm(Form):
    """One day on which the student means to come."""

    refusals = TAKEN

    on = fields.day("Day", missing="Enter the day", hint="For example, 4 11 2026")
    starts = fields.time_of_day("From (optional)")
    ends = fields.time_of_day("To (optional)")

    def __init__(self, day: PlannedDay | None = None) -> None:
        super().__init__(obj=day)


class CannotComeForm(Form):
    """Nothing but the button has to be pressed."""

    why = fields.long_text(
        "Why? (optional)",
        most=WHY_LENGTH,
        rows=3,
        hint="Your tutor alone reads this, on their page and not by email. You need not say anything.",
    )


class NotThereForm(Form):
    """A supervisor says so with one press."""


class ClosureForm(Form):
    """From when to when an organisation is closed."""

    refusals = {"uq_host_closed_day_organisation_id_from_on_to_on": ("from_on", "Those days are on the list already.")}

    from_on = fields.day("First closed day", missing="Enter the first closed day", hint="For example, 21 12 2026")
    to_on = fields.day("Last closed day", missing="Enter the last closed day", hint="The same day, if it is one day")


class ContactForm(Form):
    """A visit or call that the tutor plans."""

    kind = fields.one("Visit or call?", KINDS, missing="Choose a visit or a call", coerce=ContactKind)
    on = fields.day("Day", missing="Enter the day")
    at = fields.time_of_day("Time", missing="Enter the time")
    form_key = fields.form_key()

    def __init__(self, suggested: Sequence[date]) -> None:
        first = suggested[0] if suggested else None
        super().__init__(data={"kind": ContactKind.VISIT, "on": first, "at": USUAL_TIME})

    def validate_at(self, field: Any) -> None:
        """A time that there is on London's clocks."""
        if field.data and self.on.data and not exists_in_london(self.on.data, field.data):
            raise ValueError("The clocks go forward on that day, and this time is left out. Enter another.")

    @property
    def moment(self) -> datetime:
        """When it is, as an instant."""
        return in_london(self.on.data, self.at.data)


class SettleForm(Form):
    """How a visit or call went."""

    went = fields.one("Did it take place?", WENT, missing="Say whether it took place", coerce=ContactState)
    note = fields.long_text(
        "Your note (optional)",
        most=NOTE_LENGTH,
        hint="You and the module leader read it. Others see only whether it took place.",
    )


class NoteForm(Form):
    """What the organisation says of a visit or call."""

    note = fields.long_text(
        "Your note", missing="Write your note", most=NOTE_LENGTH, hint="The tutor and the module leader read it."
    )

    def __init__(self, contact: ContactPoint) -> None:
        super().__init__(data={"note": contact.note_host})
