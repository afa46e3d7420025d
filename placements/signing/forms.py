"""Sending an Agreement round, signing it, asking for changes, and giving it other dates."""

from placements.placing.models import REASON_LENGTH
from placements.web import fields
from placements.web.forms import Form

CHANGES_LENGTH = 2000


class AmendForm(Form):
    """Other dates for a placement that is agreed, and why."""

    starts_on = fields.day("First day", missing="Enter the first day")
    ends_on = fields.day("Last day", missing="Enter the last day", hint="For example, 30 4 2027")
    reason = fields.long_text(
        "Why do the dates change?",
        missing="Say why, in a sentence",
        most=REASON_LENGTH,
        rows=3,
        hint="The student, the supervisor and the tutor read this.",
    )
    form_key = fields.form_key()


class ProposeForm(Form):
    """One button, under what goes out and to whom. Carries which saved words somebody had in sight."""

    edit_version = fields.seen()

    @property
    def seen(self) -> int | None:
        """The edit_version that the page was made of; None where it says none."""
        said = self.edit_version.data or ""
        return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


class ChangesForm(Form):
    """What keeps somebody from signing."""

    text = fields.long_text("What should change?", missing="Say what should change", most=CHANGES_LENGTH, rows=5)
    form_key = fields.form_key()


class SignForm(Form):
    """One's typed name under what one has read, and the hash of that."""

    has_read = fields.tick(
        "I have read this Agreement and agree to it", missing="Tick the box once you have read the Agreement"
    )
    typed_name = fields.text("Your full name", missing="Type your full name", autocomplete="name")
    sha256 = fields.seen()
