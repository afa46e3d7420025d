"""Changing a placement, and bringing it to an end."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import SelectChoice

from placements.clearing.choosing import Candidate
from placements.people.models import Person
from placements.placing.models import ENDED_BY, REASON_LENGTH, EndedBy, Placement
from placements.web import fields
from placements.web.forms import Form
from placements.web.picking import Pick, PickForm

SHARED = "The student, the supervisor and the tutor read this."
FOR_STAFF = "Kept for the module team. The student and the organisation do not see it."


def _why(label: str, hint: str) -> Any:
    return fields.long_text(label, missing="Say why, in a sentence", most=REASON_LENGTH, rows=3, hint=hint)


class DatesForm(Form):
    """The first and the last day."""

    starts_on = fields.day("First day", missing="Enter the first day")
    ends_on = fields.day("Last day", missing="Enter the last day", hint="For example, 30 4 2027")
    reason = _why("Why do the dates change?", SHARED)


class SupervisorForm(Form):
    """Who supervises the student at the organisation."""

    supervisor = fields.one("Who supervises this placement now?", {}, missing="Choose who supervises this placement")
    reason = _why("Why does the supervisor change?", SHARED)

    def __init__(self, placement: Placement, people: Sequence[Person]) -> None:
        super().__init__(supervisor=placement.supervisor.public_id)
        self.people = {person.public_id: person for person in people}
        self.supervisor.choices = [SelectChoice(key, person.name) for key, person in self.people.items()]


class TutorForm(Form):
    """Who tutors the placement at the university."""

    tutor = fields.one("Who is the tutor of this placement now?", {}, missing="Choose a tutor")
    reason = _why("Why does the tutor change?", SHARED)

    def __init__(self, placement: Placement, people: Sequence[Person]) -> None:
        super().__init__(tutor=placement.tutor.public_id if placement.tutor else None)
        self.people = {person.public_id: person for person in people}
        self.tutor.choices = [SelectChoice(key, person.name) for key, person in self.people.items()]


class PauseForm(Form):
    """Let a placement rest."""

    until_on = fields.day(
        "When does it go on? (optional)",
        hint="On this day it goes on by itself. Leave it empty where nobody knows yet. For example, 14 10 2026",
    )
    reason = _why("Why is it paused?", FOR_STAFF)


class CallOffForm(Form):
    """A placement that will not begin."""

    by = fields.one("Who calls it off?", ENDED_BY, missing="Choose who calls it off", coerce=EndedBy)
    reason = _why("Why?", FOR_STAFF)


class MoveForm(PickForm):
    """Where a student goes instead, the last day where they are (if they have begun), and why."""

    picks = "challenge"
    challenge = fields.one("Where do they go?", {}, missing="Choose where they go")
    last_on = fields.day("Last day where they are now", missing="Enter the last day")
    by = fields.one("Who asked for it?", ENDED_BY, missing="Choose who asked for it", coerce=EndedBy)
    reason = _why("Why?", FOR_STAFF)

    def __init__(self, places: Sequence[Candidate], last_on: date | None) -> None:
        super().__init__(last_on=last_on)
        if last_on is None:
            del self.last_on
        self.known = {each.place.challenge.public_id: each.place.challenge for each in places}
        self.offer([Pick(each.place.challenge.public_id, each.said, each.more) for each in places])


class EndEarlyForm(Form):
    """A placement that ends before its time."""

    by = fields.one("Who ends it?", ENDED_BY, missing="Choose who ends it", coerce=EndedBy)
    reason = _why("Why?", FOR_STAFF)
    last_on = fields.day("Last day on placement", missing="Enter the last day")
    then = fields.one(
        "What happens to the hours that are left?",
        {
            "another": "The student needs another place: put them on the clearing list",
            "none": "The student needs no other place",
        },
        missing="Choose what happens to the hours that are left",
    )
