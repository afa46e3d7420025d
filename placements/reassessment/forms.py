"""What a module leader types about claims, second attempts, tasks and waivers."""

from collections.abc import Sequence

from wtforms import HiddenField, SelectChoice, SelectMultipleField
from wtforms.validators import Length

from placements.cohorts.models import Component
from placements.reassessment.queries import STANDS, Standing
from placements.reassessment.rules import Claimed
from placements.reassessment.workflow import ClaimState
from placements.web import fields
from placements.web.forms import Form, all_given
from placements.web.lists import Filters


class StandFilters(Filters):
    """What a run's students can be narrowed to."""

    text = fields.text("Name or student number", most=100)
    stands = fields.one_of_many("Standing", STANDS, empty="Anywhere")


class _OfComponent(Form):
    """Says which component it is about."""

    form_key = fields.form_key()
    component = fields.one("Which component?", {}, missing="Choose a component")

    def offer(self, components: Sequence[Component]) -> None:
        """What can be chosen."""
        said = [(each, f"{each.title} ({each.weight}%)") for each in components]
        self.component.choices = [SelectChoice(each.public_id, label) for each, label in said]

    def chosen(self, components: Sequence[Component]) -> Component:
        """What was chosen of these."""
        return next(each for each in components if each.public_id == self.component.data)


class ClaimForm(_OfComponent):
    """That a student claimed: where to find it in the university's own system, and when."""

    reference = fields.text(
        "Reference of the claim",
        missing="Enter the claim’s reference",
        most=40,
        hint="As the university’s own system has it. Write nothing of what it says, here or anywhere on this site.",
    )
    claimed_on = fields.day("When did they claim?", missing="Enter the day on which they claimed")
    late_reason = fields.text(
        "Why is it accepted so late? (only after the last day to claim)", most=200, hint="Nothing about the student."
    )

    def said(self) -> Claimed:
        """What was typed."""
        late_reason = self.late_reason.data or ""
        return Claimed(self.reference.data, self.claimed_on.data, late_reason, self.form_key.data)

    refusals = {
        "uq_mitigation_form_key": (None, "This claim is recorded already."),
        "uq_mitigation_pending": ("component", "A claim for this waits for its decision already. Record that first."),
    }


class DecideForm(Form):
    """What the university decided; with a new deadline, where it accepted."""

    outcome = fields.one(
        "What was decided?",
        {ClaimState.ACCEPTED: "Accepted: the same attempt is put off", ClaimState.REFUSED: "Not accepted"},
        missing="Choose what was decided",
        coerce=ClaimState,
    )
    decided_on = fields.day("When was it decided?", missing="Enter the day of the decision")
    due_on = fields.day("New deadline, at 3pm (only where it was accepted)")

    def validate(self, *args: object, **kwargs: object) -> bool:
        """What was accepted needs a new deadline."""
        is_valid = super().validate(*args, **kwargs)
        if self.outcome.data is not ClaimState.ACCEPTED:
            return is_valid
        return all_given((self.due_on, "Enter the new deadline")) and is_valid


class OpenForm(Form):
    """Whose reassessment to open; `seen` once the list has been looked at."""

    students = SelectMultipleField("Students", validate_choice=False)
    seen = fields.seen()

    def chosen(self, rows: Sequence[Standing]) -> list[Standing]:
        """Those of the list; all of it before anything was chosen."""
        return [each for each in rows if each.enrolment.public_id in (self.students.data or ())]


class TaskForm(Form):
    """What is asked instead of a component; `version` is what was opened."""

    version = HiddenField(validators=[Length(max=9, message="Open this page again")])
    title = fields.text("Title", missing="Enter a title", most=200)
    brief = fields.long_text(
        "What is asked",
        missing="Say what is asked",
        most=10_000,
        rows=14,
        hint="How long, what it should show, and how it stands in for what the rubric asks.",
    )

    @property
    def seen(self) -> int:
        """The version that was opened; -1 where it is none."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() else -1


class WithdrawForm(Form):
    """Why something that was recorded by mistake is taken back."""

    reason = fields.long_text("Why is it taken back?", missing="Say why, for the record", most=1000, rows=3)


class GiveTaskForm(Form):
    """Why a student does the task instead."""

    reason = fields.long_text(
        "Why?",
        missing="Say why, for the record",
        most=1000,
        rows=3,
        hint="For example, the placement ended and cannot be resumed. Module leaders alone read it.",
    )


class WaiveForm(_OfComponent):
    """What a student cannot have, and why."""

    reason = fields.long_text(
        "Why can it not be had?",
        missing="Say why it cannot be had",
        most=1000,
        rows=3,
        hint="For example, the organisation closed and its supervisor cannot be reached. The student and their tutor "
        "read it.",
    )
    is_sure = fields.tick("It counts for the mark, and its weight is to fall to the rest")

    refusals = {
        "uq_waiver_form_key": (None, "It is waived already."),
        "uq_waiver_in_force": (None, "It is waived already."),
    }
