"""What a marker types: a judgement by the rubric, and what a queue is narrowed by."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from wtforms import BooleanField, Field, HiddenField, ValidationError
from wtforms.validators import InputRequired, Length

from placements.assessment.models import Mark
from placements.assessment.queries import STANDINGS
from placements.assessment.workflow import MarkState
from placements.bank.rules import added_to
from placements.cohorts.models import ComponentKind, Criterion
from placements.specification.queries import seen_rubric
from placements.web import fields
from placements.web.forms import Form, version_in
from placements.web.lists import Filters

AGAIN = "Open this page again"
RUBRIC_CHANGED = "The rubric has changed since you opened this page. Check each score against it, then save again"


class MarkForm(Form):
    """A judgement: `of(mark)` gives it a score and a comment for each criterion of the rubric."""

    version = HiddenField(validators=[InputRequired(AGAIN), Length(max=10, message=AGAIN)])
    is_final = BooleanField()  # the value of the button that submits the mark
    feedback = fields.long_text(
        "Feedback on the whole",
        most=10_000,
        rows=8,
        hint="What was done well, what to do better, and what to read or try next. The student sees it on release.",
    )
    rubric = fields.seen()
    criteria: Sequence[Criterion] = ()
    bank: Mapping[str, str] = {}
    shown = ""

    def validate_rubric(self, field: HiddenField) -> None:
        """Scores stand at the places of the criteria, which may have changed until the first mark is saved."""
        if field.data != self.shown:
            field.data = self.shown
            raise ValidationError(RUBRIC_CHANGED)

    @classmethod
    def of(cls, mark: Mark, taken: Sequence[Criterion], bank: Mapping[str, str]) -> "MarkForm":
        """The form for one mark, with what is saved in it; without the criteria `taken` from the logbook's grade.

        `bank`: the comments that can be chosen, by public id. The one chosen is put into the words by pressing “Add”.
        """
        shown = seen_rubric(mark.component)
        parts: dict[str, Any] = {"criteria": [each for each in mark.component.criteria if each not in taken]}
        parts["shown"] = shown
        saved: dict[str, Any] = {"version": str(mark.version), "feedback": mark.feedback, "rubric": shown}
        known = {each.criterion_id: each for each in mark.scores}
        for each in parts["criteria"]:
            of = f" for {each.title}"
            parts[f"score_{each.position}"] = fields.score(f"Score{of}", mark.component.fixed_marks)
            parts[f"comment_{each.position}"] = fields.long_text(f"Comment{of}", most=4000, rows=3)
            if each.id in known:
                saved[f"score_{each.position}"] = known[each.id].score
                saved[f"comment_{each.position}"] = known[each.id].comment
        return type("MarkFormOfRubric", (cls,), {**parts, "bank": bank})(data=saved)

    @property
    def seen(self) -> int:
        """The version that was opened; -1 where it is none."""
        return version_in(self.version.data)

    def add_from_bank(self) -> bool:
        """Put the chosen comment into the words beside the pressed “Add”. Returns whether one was pressed."""
        pressed = request.form.get("add", "")
        field, chosen = self._words(pressed), self.bank.get(request.form.get(f"bank_{pressed}", ""))
        if field is not None and chosen:
            field.data = added_to(field.data or "", chosen)
        return field is not None

    def kept(self) -> tuple[Criterion | None, str] | None:
        """The criterion (None: on the whole) and words beside the pressed “Keep this comment”; None where none was."""
        pressed = request.form.get("keep", "")
        field = self._words(pressed)
        if field is None:
            return None
        criterion = next((each for each in self.criteria if str(each.position) == pressed), None)
        return criterion, field.data or ""

    def _words(self, pressed: str) -> Field | None:
        name = "feedback" if pressed == "whole" else f"comment_{pressed}"
        return self[name] if pressed and name in self else None

    def scores(self) -> dict[int, tuple[int | None, str]]:
        """Score and comment by criterion."""
        return {
            each.id: (self[f"score_{each.position}"].data, self[f"comment_{each.position}"].data or "")
            for each in self.criteria
        }


class QueueFilters(Filters):
    """What a tutor's marking can be narrowed by."""

    text = fields.text("Name or number", most=100)
    kind = fields.one_of_many(
        "Component",
        {ComponentKind.AGREEMENT: "Challenge Agreement", ComponentKind.PORTFOLIO: "Portfolio"},
        empty="Any component",
        coerce=ComponentKind,
    )
    state = fields.one_of_many("Standing", {key: STANDINGS[key] for key in MarkState}, empty="Anywhere")
    whose = fields.one_of_many("Whose", {"others": "My students’, marked by others"}, empty="Mine to mark")
