"""What people type about work and marks: files, a judgement by the rubric, a set of marks, the day of a board."""

from collections.abc import Sequence
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovFileInput
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, HiddenField, MultipleFileField, ValidationError
from wtforms.validators import InputRequired, Length

from placements.assessment.models import Mark
from placements.assessment.queries import STANDINGS
from placements.assessment.workflow import MarkState
from placements.cohorts.models import Component, ComponentKind, Criterion
from placements.cohorts.rules import Scale
from placements.components.queries import seen_rubric
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

MOST_FILES = 5
AGAIN = "Open this page again"
RUBRIC_CHANGED = "The rubric has changed since you opened this page. Check each score against it, then save again"


def chosen_files(files: Sequence[Any]) -> list[FileStorage]:
    """The files that were really chosen: a browser sends an empty one where none was."""
    return [each for each in files if isinstance(each, FileStorage) and each.filename]


class SubmitForm(Form):
    """The files of a piece of work."""

    files = MultipleFileField("Your files", widget=GovFileInput(), render_kw={"multiple": True})

    def validate_files(self, field: MultipleFileField) -> None:
        """There is at least one, and not too many."""
        count = len(chosen_files(field.data or []))
        if not count:
            raise ValidationError("Choose the file to hand in")
        if count > MOST_FILES:
            raise ValidationError(f"Choose at most {MOST_FILES} files")


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
    shown = ""

    def validate_rubric(self, field: HiddenField) -> None:
        """Scores stand at the places of the criteria, which may have changed until the first mark is saved."""
        if field.data != self.shown:
            field.data = self.shown
            raise ValidationError(RUBRIC_CHANGED)

    @classmethod
    def of(cls, mark: Mark, taken: Sequence[Criterion]) -> "MarkForm":
        """The form for one mark, with what is saved in it; without the criteria `taken` from the logbook's grade."""
        shown = seen_rubric(mark.component)
        parts: dict[str, Any] = {"criteria": [each for each in mark.component.criteria if each not in taken]}
        parts["shown"] = shown
        saved: dict[str, Any] = {"version": str(mark.version), "feedback": mark.feedback, "rubric": shown}
        known = {each.criterion_id: each for each in mark.scores}
        for each in parts["criteria"]:
            of = f" for {each.title}"
            parts[f"score_{each.position}"] = _score(mark.component, f"Score{of}")
            parts[f"comment_{each.position}"] = fields.long_text(f"Comment{of}", most=4000, rows=3)
            if each.id in known:
                saved[f"score_{each.position}"] = known[each.id].score
                saved[f"comment_{each.position}"] = known[each.id].comment
        return type("MarkFormOfRubric", (cls,), parts)(data=saved)

    @property
    def seen(self) -> int:
        """The version that was opened; -1 where it is none."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    def scores(self) -> dict[int, tuple[int | None, str]]:
        """Score and comment by criterion."""
        return {
            each.id: (self[f"score_{each.position}"].data, self[f"comment_{each.position}"].data or "")
            for each in self.criteria
        }


def _score(component: Component, label: str) -> Any:
    """A mark from 0 to 100, or one of the fixed marks where the component has some."""
    if component.scale is Scale.POINTS:
        points = {each: str(each) for each in component.points}
        return fields.one_of_many(label, points, empty="No score yet", coerce=int)
    return fields.number(label, least=0, most=100, hint="0 to 100")


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
