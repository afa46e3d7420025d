"""Telling a concern, and what its owner does with it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import SelectChoice

from placements.concerns.queries import Choice
from placements.concerns.rules import INCIDENTS, Kind, Report, Severity
from placements.core.errors import Refused
from placements.people.models import Person
from placements.placing.models import Placement
from placements.web import fields
from placements.web.forms import Form, all_given

KINDS = {
    Kind.HOURS: "Hours: too few, too many, or not as agreed",
    Kind.SUPERVISION: "Supervision: nobody has time, or nobody says what to do",
    Kind.FIT: "Fit: the work is not what was agreed",
    Kind.SAFETY: "Safety: something there is not safe",
    Kind.PERSON: "A person: how somebody behaves",
    Kind.HOST: "The organisation as a whole",
    Kind.ACCIDENT: "An accident: somebody was hurt, or something broke",
    Kind.NEAR_MISS: "A near miss: somebody could have been hurt",
}
SEVERITIES = {
    Severity.CAN_WAIT: "It can wait for a few days",
    Severity.SOON: "It should be looked at soon",
    Severity.HARM: "Somebody has come to harm, or may",
}


class ReportForm(Form):
    """What worries somebody, or what happened. `on` says the placement, where there are several."""

    form_key = fields.form_key()
    on = fields.one("Whose placement is it about?", {}, missing="Choose whose placement it is about")
    kind = fields.one("What is it about?", KINDS, missing="Choose what it is about", coerce=Kind)
    severity = fields.one("How serious is it?", SEVERITIES, missing="Choose how serious it is", coerce=Severity)
    about = fields.one(
        "Whom is it about?",
        {},
        missing="Choose whom it is about, or nobody in particular",
        hint="It never goes to the person whom it is about.",
    )
    words = fields.long_text(
        "What worries you, or what happened?",
        missing="Say what worries you, or what happened",
        hint="As much or as little as you like. What you saw and heard yourself helps most.",
        rows=7,
    )
    happened_on = fields.day("When did it happen?", hint="Of an accident or a near miss. For example, 14 10 2026")
    place = fields.text("Where did it happen?", hint="Of an accident or a near miss.")
    done = fields.long_text(
        "What was done at the time?", hint="Of an accident or a near miss: first aid, who was told.", most=2000, rows=3
    )

    refusals = {
        "uq_concern_form_key": (None, "We have this already. You need not send it again."),
        "uq_concern_link_id": (None, "We have this already. You need not send it again."),
    }

    def offer(self, placements: Sequence[Placement], choices: Sequence[Choice], today: date) -> None:
        """Say what can be chosen; a single placement is not asked for."""
        self.today = today
        self.about.choices = [SelectChoice(each.value, each.label) for each in choices]
        if len(placements) == 1:
            del self.on
        else:
            self.on.choices = [SelectChoice(each.public_id, each.enrolment.person.name) for each in placements]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Of an accident or a near miss: when, where, and what was done."""
        is_valid = super().validate(*args, **kwargs)
        if self.happened_on.data and not self.happened_on.errors and self.happened_on.data > self.today:
            self.happened_on.errors = ["Enter a date that is not in the future"]
            is_valid = False
        if self.kind.data not in INCIDENTS:
            return is_valid
        return (
            all_given(
                (self.happened_on, "Enter the date on which it happened"),
                (self.place, "Say where it happened"),
                (self.done, "Say what was done at the time, or that nothing was"),
            )
            and is_valid
        )

    def report(self, choices: Sequence[Choice]) -> Report:
        """What was told. `choices`: whom it can be about on the placement that was chosen.

        Raises Refused where it cannot be about that person there.
        """
        about = next((each for each in choices if each.value == self.about.data), None)
        if about is None:
            raise Refused("Choose whom it is about: they have no part in that placement", "about")
        return Report(
            self.kind.data,
            self.severity.data,
            about.about,
            about.person_id,
            self.words.data,
            self.happened_on.data,
            self.place.data or None,
            self.done.data or None,
        )


class AskLinkForm(Form):
    """Where to send a link."""

    email = fields.email("Your work email address", hint="The one that we write to about your student.")


class NoteForm(Form):
    """What the owner did or learned."""

    form_key = fields.form_key()
    text = fields.long_text("What you did or learned", missing="Say what you did or learned", rows=5)

    refusals = {"uq_concern_note_form_key": (None, "This note is kept already: it stands on the concern’s page.")}


class PassOnForm(Form):
    """To whom, and why."""

    form_key = fields.form_key()
    to = fields.one("Who takes it on?", {}, missing="Choose who takes it on")
    reason = fields.long_text("Why", missing="Say why you pass it on", most=2000, rows=3)

    refusals = NoteForm.refusals

    def offer(self, people: Sequence[Person]) -> None:
        """Say who can be chosen."""
        self.to.choices = [SelectChoice(each.public_id, each.name) for each in people]


class ResolveForm(Form):
    """What came of it."""

    outcome = fields.long_text("What came of it", missing="Say what came of it: nothing is closed without", rows=5)


class ReferForm(ResolveForm):
    """Who looks after it now."""

    to = fields.text("Who looks after it now", missing="Say who looks after it now", hint="For example: the police")
