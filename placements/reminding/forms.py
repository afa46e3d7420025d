"""What a leader types of how a thing is said, and the day that somebody wants to see ahead."""

from typing import Any, Self

from wtforms import Field, ValidationError

from placements.core.errors import Refused
from placements.mail.models import OwnNotice
from placements.mail.wording import placeholders, unknown_in
from placements.reminding.queries import Listed, seen_own
from placements.reminding.rules import MOST_DAYS, SHOWS, Show, moment_of, read_typed, write_steps
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

SENT = {"yes": "It is sent", "no": "It is not sent to anybody of this run"}
MOST_WORDS = 3000
ALL = "Everything"


class AllFilters(Filters):
    """Above the list of everything."""

    q = fields.text("Words in it", most=100)
    show = fields.one_of_many("Show", {Show.REMINDERS: SHOWS[Show.REMINDERS]}, empty=ALL, coerce=Show)


class RunFilters(AllFilters):
    """Above the list of a run."""

    show = fields.one_of_many("Show", SHOWS, empty=ALL, coerce=Show)


class EditForm(Form):
    """How a run says one thing: whether, when and in which words. Empty words are ours."""

    is_sent = fields.one("Is it sent?", SENT, missing="Choose whether it is sent")
    steps = fields.text("When", missing="Enter when it is said", most=60)
    subject = fields.text("Subject, if not ours", most=150)
    words = fields.long_text("Words, if not ours", most=MOST_WORDS, rows=8)
    seen = fields.seen()

    listed: Listed

    @classmethod
    def of(cls, listed: Listed) -> Self:
        """As it is said now. What has no moment to change, or is no reminder that could be left out, is not asked."""
        own = listed.own if listed.is_own else None
        said: dict[str, Any] = {
            "is_sent": "no" if own is not None and own.is_off else "yes",
            "steps": write_steps(listed.steps),
            "subject": own.subject if own is not None else "",
            "words": own.words if own is not None else "",
            "seen": seen_own(own),
        }
        form = cls(data=said)
        form.listed = listed
        if not listed.is_reminder:
            del form.is_sent
        if listed.timed is None:
            del form.steps
        else:
            unit, hangs_on = listed.timed.unit, listed.timed.hangs_on
            form.steps.label.text = f"When: in {unit}s, counted from {hangs_on}"
            zero = moment_of(unit)
            form.steps.description = (
                f"−7 is seven before it, 0 the very {zero}, 7 seven after. At most six, with commas."
            )
        known = ", ".join(f"{{{name}}}" for name in placeholders(listed.notice))
        form.words.description = (
            f"What is in braces is filled in for each reader: {known}. Links and dates that must not be lost stay "
            "where they are. Leave it empty to say it in our words."
        )
        return form

    def validate_steps(self, field: Field) -> None:
        """Whole numbers, a few of them, none too far off."""
        try:
            read_typed(field.data)
        except Refused as refusal:
            raise ValidationError(refusal.sentence) from refusal

    def validate_subject(self, field: Field) -> None:
        """Nothing in braces that is not known."""
        self._know(field)

    def validate_words(self, field: Field) -> None:
        """The same."""
        self._know(field)

    def _know(self, field: Field) -> None:
        known = placeholders(self.listed.notice)
        unknown = unknown_in(field.data or "", known)
        if unknown:
            may = ", ".join(f"{{{name}}}" for name in known)
            raise ValidationError(f"Nothing is called {{{unknown[0]}}} here. In braces there can be: {may}")

    def typed(self) -> dict[str, Any]:
        """What was typed, for the action; what was not asked stays as it is."""
        return {
            "is_off": "is_sent" in self and self.is_sent.data == "no",
            "steps": read_typed(self.steps.data) if "steps" in self else (),
            "subject": self.subject.data or "",
            "words": self.words.data or "",
            "seen": self.seen.data or "",
        }

    def as_own(self) -> OwnNotice:
        """The same as a row that is kept nowhere, to see how it would read."""
        return OwnNotice(notice=self.listed.notice.name, subject=self.subject.data or "", words=self.words.data or "")


class DayForm(Form):
    """A day to come."""

    day = fields.day("Which day?", missing="Enter a day", hint=f"Today, or within the next {MOST_DAYS} days")
