"""Deciding about a visit, finding a logbook, grading one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import request
from wtforms import HiddenField, SelectMultipleField, ValidationError
from wtforms.validators import Length

from placements.cohorts.models import Checkpoint, Criterion
from placements.logbook.models import REASON_LENGTH
from placements.reading.models import PHRASE_LENGTH, LogbookGrade
from placements.reading.queries import SHOWS, Show
from placements.reading.rules import ASKS, Wanted, joined
from placements.web import fields
from placements.web.forms import Form, version_in
from placements.web.lists import Filters


class SayForm(Form):
    """What to say of a visit: a question by one press, a phrase, one's own words, or several of them."""

    text = fields.long_text("Your comment", most=2000, rows=3)
    phrase = HiddenField(validators=[Length(max=12)])
    is_kept = fields.tick("Keep these words as one of my phrases")
    back = HiddenField(validators=[Length(max=10)])
    phrases: Mapping[str, str] = {}

    @property
    def words(self) -> str:
        """All of it, as one comment."""
        return joined(ASKS.get(request.form.get("ask", "")), self.phrases.get(self.phrase.data or ""), self.text.data)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Something has to be said, and what is kept is no longer than a phrase may be."""
        is_valid = super().validate(*args, **kwargs)
        if not self.words:
            self.text.errors = ["Write your comment"]
        elif self.is_kept.data and len(self.words) > PHRASE_LENGTH:
            self.text.errors = [f"Shorten it to {PHRASE_LENGTH} characters to keep it as a phrase, or untick the box"]
        return is_valid and not self.text.errors


class PhraseForm(Form):
    """Words to be used again."""

    text = fields.long_text("A new phrase", missing="Write the phrase", most=PHRASE_LENGTH, rows=3)


class NudgeForm(Form):
    """Whom to write to, and what; `seen` once the preview has been looked at."""

    refusals = {"uq_nudge_form_key": (None, "This was sent already.")}

    people = SelectMultipleField("Who to write to", validate_choice=False)
    text = fields.long_text(
        "What you write",
        missing="Write what you want to say",
        most=2000,
        hint="It goes to each of them by email, so write nothing private about anybody.",
    )
    seen = fields.seen()
    form_key = fields.form_key()

    offered: Collection[str] = ()

    def validate_people(self, field: SelectMultipleField) -> None:
        """At least one of those who can be written to."""
        if not set(field.data or ()) & set(self.offered):
            raise ValidationError("Choose at least one person to write to")


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

    refusals = {"uq_logbook_grade_placement_id_checkpoint_id": (None, "Somebody else has just saved a grade.")}

    version = HiddenField(validators=[Length(max=9)])
    criteria: Sequence[Criterion] = ()
    phrases: Mapping[str, str] = {}

    @property
    def scores(self) -> dict[int, tuple[int, str]]:
        """Score and comment by the criterion's key."""
        return {each.id: (self[f"score_{each.id}"].data, self._note(each)) for each in self.criteria}

    def _note(self, criterion: Criterion) -> str:
        phrase = self.phrases.get(self[f"phrase_{criterion.id}"].data or "")
        return joined(self[f"note_{criterion.id}"].data, phrase)

    @property
    def remark(self) -> str:
        """The comment on the whole, where there is room for one."""
        return self["comment"].data or "" if "comment" in self else ""

    @property
    def seen_version(self) -> int:
        """The version of the grade that this form was opened on; 0 for none, -1 for what is no version."""
        return version_in(self.version.data)

    def has_been_overtaken(self, saved: LogbookGrade | None) -> bool:
        """Whether somebody saved another version meanwhile. Who saves after being shown it replaces it knowingly."""
        version = saved.version if saved else 0
        was_overtaken = self.seen_version != version
        self.version.data = str(version)
        return was_overtaken


def grade_form(
    criteria: Sequence[Criterion], saved: LogbookGrade | None, phrases: Mapping[str, str], *, has_comment: bool
) -> GradeForm:
    """A form for the criteria, filled with what is saved; `has_comment`: with room for one on the whole."""
    parts: dict[str, Any] = {"criteria": criteria, "phrases": phrases}
    for each in criteria:
        missing = f"Enter a score for {each.title}"
        parts[f"score_{each.id}"] = fields.score(f"Score for {each.title}", each.component.fixed_marks, missing)
        parts[f"note_{each.id}"] = fields.long_text(f"Comment on {each.title} (optional)", most=2000, rows=3)
        parts[f"phrase_{each.id}"] = HiddenField(validators=[Length(max=12)])
    if has_comment:
        parts["comment"] = fields.long_text("Comment on the whole logbook (optional)", most=4000)
    made: GradeForm = type("GradeForm", (GradeForm,), parts)(data=_saved(saved))
    return made


def _saved(saved: LogbookGrade | None) -> Mapping[str, Any]:
    if saved is None:
        return {"version": "0"}
    scores = {f"score_{line.criterion_id}": line.score for line in saved.scores}
    notes = {f"note_{line.criterion_id}": line.comment for line in saved.scores}
    return {**scores, **notes, "comment": saved.comment, "version": str(saved.version)}


class CheckpointsForm(Form):
    """Each checkpoint's title and date, and one more."""

    refusals = {
        "uq_checkpoint_run_id_title": (None, "Give each checkpoint a title of its own."),
        "uq_checkpoint_final": (None, "There is a final checkpoint already."),
    }
    new_title = fields.text("Title of one more (optional)", most=40)
    new_due_on = fields.day("To be done by (optional)")
    new_is_final = fields.tick("This is the final one: its grade is part of the portfolio’s mark")
    checkpoints: Sequence[Checkpoint] = ()

    @property
    def wanted(self) -> dict[int, Wanted | None]:
        """Each checkpoint as it is wanted, by its key; None for one to be removed."""
        return {each.id: None if self[f"remove_{each.id}"].data else self._of(each) for each in self.checkpoints}

    def _of(self, checkpoint: Checkpoint) -> Wanted:
        return Wanted(self[f"title_{checkpoint.id}"].data, self[f"due_on_{checkpoint.id}"].data)

    @property
    def added(self) -> list[tuple[Wanted, bool]]:
        """The new one, and whether it is final; nothing where it has no title."""
        title = self.new_title.data
        return [(Wanted(title, self.new_due_on.data), self.new_is_final.data)] if title else []


def checkpoints_form(checkpoints: Sequence[Checkpoint]) -> CheckpointsForm:
    """A form for the checkpoints, filled with them."""
    parts: dict[str, Any] = {"checkpoints": checkpoints}
    saved: dict[str, Any] = {}
    for each in checkpoints:
        parts[f"title_{each.id}"] = fields.text("Title", missing="Give the checkpoint a title", most=40)
        parts[f"due_on_{each.id}"] = fields.day("To be done by (optional)")
        parts[f"remove_{each.id}"] = fields.tick("Remove this checkpoint")
        saved |= {f"title_{each.id}": each.title, f"due_on_{each.id}": each.due_on}
    made: CheckpointsForm = type("CheckpointsForm", (CheckpointsForm,), parts)(data=saved)
    return made
