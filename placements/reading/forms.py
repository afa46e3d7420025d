"""Deciding about a visit, finding a logbook, grading one."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import HiddenField
from wtforms.validators import Length

from placements.cohorts.models import Criterion
from placements.logbook.models import REASON_LENGTH
from placements.reading.models import LogbookGrade
from placements.reading.queries import SHOWS, Show
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters


class CommentForm(Form):
    """Something to say about a visit."""

    text = fields.long_text("Your comment", missing="Write your comment", most=2000, rows=3)


class DecideForm(Form):
    """The university's own answer about a visit."""

    counts = fields.one(
        "Do these hours count?",
        {"yes": "Yes: I have seen other evidence of this visit", "no": "No"},
        missing="Choose whether these hours count",
    )
    reason = fields.long_text(
        "Why?",
        missing="Say why, for the student and the record",
        hint="The evidence you went by. The student can read this.",
        most=REASON_LENGTH,
        rows=3,
        counts=True,
    )


class ReadingFilters(Filters):
    """Above the list of logbooks."""

    q = fields.text("Student", most=100)
    show = fields.one_of_many("Show", SHOWS, empty="On placement now", coerce=Show)


class GradeForm(Form):
    """A score and a comment for each criterion, and a comment on the whole."""

    refusals = {"uq_logbook_grade_placement_id_checkpoint": (None, "Somebody else has just saved a grade.")}

    version = HiddenField(validators=[Length(max=9)])
    criteria: Sequence[Criterion] = ()

    @property
    def scores(self) -> dict[int, tuple[int, str]]:
        """Score and comment by the criterion's key."""
        return {each.id: (self[f"score_{each.id}"].data, self[f"note_{each.id}"].data or "") for each in self.criteria}

    @property
    def remark(self) -> str:
        """The comment on the whole."""
        return self["comment"].data or ""

    @property
    def seen_version(self) -> int:
        """The version of the grade that this form was opened on; 0 for none, -1 for what is no version."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() else -1

    def has_been_overtaken(self, saved: LogbookGrade | None) -> bool:
        """Whether somebody saved another version meanwhile. Who saves after being shown it replaces it knowingly."""
        version = saved.version if saved else 0
        was_overtaken = self.seen_version != version
        self.version.data = str(version)
        return was_overtaken


def grade_form(criteria: Sequence[Criterion], saved: LogbookGrade | None) -> GradeForm:
    """A form for the criteria, filled with what is saved."""
    parts: dict[str, Any] = {"criteria": criteria}
    for each in criteria:
        parts[f"score_{each.id}"] = fields.number(
            f"Score for {each.title}", least=0, most=100, missing=f"Enter a score for {each.title}", hint="0 to 100"
        )
        parts[f"note_{each.id}"] = fields.long_text(f"Comment on {each.title} (optional)", most=2000, rows=2)
    parts["comment"] = fields.long_text("Comment on the whole logbook (optional)", most=4000)
    made: GradeForm = type("GradeForm", (GradeForm,), parts)(data=_saved(saved))
    return made


def _saved(saved: LogbookGrade | None) -> Mapping[str, Any]:
    if saved is None:
        return {"version": "0"}
    scores = {f"score_{line.criterion_id}": line.score for line in saved.scores}
    notes = {f"note_{line.criterion_id}": line.comment for line in saved.scores}
    return {**scores, **notes, "comment": saved.comment, "version": str(saved.version)}
