"""What a marker types: a judgement by the rubric, and what a queue is narrowed by."""

from collections.abc import Mapping, Sequence

from flask import request
from wtforms import Field

from placements.assessment.models import Mark
from placements.assessment.queries import STANDINGS
from placements.assessment.workflow import MarkState
from placements.bank.rules import added_to
from placements.cohorts.models import ComponentKind, Criterion
from placements.specification.queries import seen_rubric
from placements.web import fields
from placements.web.judging import JudgementForm
from placements.web.lists import Filters


class MarkForm(JudgementForm):
    """A judgement: `of(mark)` gives it a score and a comment for each criterion of the rubric."""

    feedback = fields.long_text(
        "Feedback on the whole",
        most=10_000,
        rows=8,
        hint="What was done well, what to do better, and what to read or try next. The student sees it on release.",
    )
    bank: Mapping[str, str] = {}

    @classmethod
    def of(cls, mark: Mark, taken: Sequence[Criterion], bank: Mapping[str, str]) -> "MarkForm":
        """The form for one mark, with what is saved in it; without the criteria `taken` from the logbook's grade.

        `bank`: the comments that can be chosen, by public id. The one chosen is put into the words by pressing “Add”.
        """
        component = mark.component
        criteria = [each for each in component.criteria if each not in taken]
        saved = {"version": str(mark.version), "feedback": mark.feedback, "rubric": seen_rubric(component)}
        return cls.showing(criteria, component.fixed_marks, mark.scores, saved, bank=bank)

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
