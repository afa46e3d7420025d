"""Opening and discarding a round, and locking."""

from collections.abc import Sequence

from wtforms import SelectChoice

from placements.clearing.choosing import Candidate
from placements.cohorts.models import ModuleRun
from placements.rounds.rules import REASON_LENGTH
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters
from placements.web.picking import Pick, PickForm


class OpenRoundForm(Form):
    """A new round."""

    form_key = fields.form_key()
    name = fields.text("Name", missing="Enter a name", most=100, hint="For example, Main round")
    runs = fields.several("Whose students?", {}, missing="Choose at least one module run")

    def __init__(self, runs: Sequence[ModuleRun]) -> None:
        super().__init__()
        self.known = {run.public_id: run for run in runs}
        self.runs.choices = [SelectChoice(key, run.title) for key, run in self.known.items()]


class DiscardForm(Form):
    """End a round without telling anybody anything."""

    reason = fields.long_text(
        "Why?", missing="Say why, in a sentence", most=REASON_LENGTH, rows=3, hint="Kept with the round."
    )


class FindStudent(Filters):
    """The search above the students who could be locked."""

    q = fields.text("Name of the student", most=100)


class LockForm(PickForm):
    """Fix a student to a challenge."""

    picks = "challenge"
    challenge = fields.one("Which challenge?", {}, missing="Choose a challenge")
    reason = fields.long_text(
        "Why this place?",
        missing="Say why this place, in a sentence",
        most=REASON_LENGTH,
        rows=3,
        hint="The module leader reads it. The student does not.",
    )

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        super().__init__()
        self.known = {each.place.challenge.public_id: each.place.challenge for each in candidates}
        self.offer([Pick(each.place.challenge.public_id, each.said, each.more) for each in candidates])


class UndoForm(Form):
    """Let the next round place a student freely again."""

    reason = fields.long_text("Why?", missing="Say why, in a sentence", most=REASON_LENGTH, rows=3)
