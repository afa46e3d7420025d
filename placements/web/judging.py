"""The form of a judgement by a rubric: for each criterion a score and a comment, named by its place."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, Self

from wtforms import BooleanField, HiddenField, ValidationError
from wtforms.validators import InputRequired, Length

from placements.web import fields
from placements.web.forms import Form, version_in

AGAIN = "Open this page again"
RUBRIC_CHANGED = "The rubric has changed since you opened this page. Check each score against it, then save again"


class Criterion(Protocol):
    """What is scored."""

    id: Any
    position: Any
    title: Any


class Score(Protocol):
    """What was scored."""

    criterion_id: Any
    score: Any
    comment: Any


class JudgementForm(Form):
    """`of` gives it a score and a comment for each criterion. A form made from it has a field `feedback`."""

    version = HiddenField(validators=[InputRequired(AGAIN), Length(max=10, message=AGAIN)])
    is_final = BooleanField()  # the value of the button that submits the mark
    rubric = fields.seen()
    criteria: Sequence[Any] = ()
    shown = ""

    def validate_rubric(self, field: HiddenField) -> None:
        """Scores stand at the places of the criteria, which may have changed until the first mark is saved."""
        if field.data != self.shown:
            field.data = self.shown
            raise ValidationError(RUBRIC_CHANGED)

    @classmethod
    def showing(
        cls,
        criteria: Sequence[Criterion],
        points: Sequence[int],
        scores: Iterable[Score],
        saved: Mapping[str, str],
        **more: Any,
    ) -> Self:
        """The form for these criteria with what is saved.

        `points`: the marks that a score is one of, if it is. `saved`: version, feedback, and the rubric's fingerprint.
        `more`: what else the class holds.
        """
        parts: dict[str, Any] = {"criteria": criteria, "shown": saved["rubric"], **more}
        known, data = {each.criterion_id: each for each in scores}, dict[str, Any](saved)
        for each in criteria:
            parts[f"score_{each.position}"] = fields.score(f"Score for {each.title}", points)
            parts[f"comment_{each.position}"] = fields.long_text(f"Comment for {each.title}", most=4000, rows=3)
            if each.id in known:
                data[f"score_{each.position}"] = known[each.id].score
                data[f"comment_{each.position}"] = known[each.id].comment
        made: Self = type(f"{cls.__name__}OfRubric", (cls,), parts)(data=data)
        return made

    @property
    def seen(self) -> int:
        """The version that was opened; -1 where it is none."""
        return version_in(self.version.data)

    def scores(self) -> dict[int, tuple[int | None, str]]:
        """Score and comment by criterion."""
        return {
            each.id: (self[f"score_{each.position}"].data, self[f"comment_{each.position}"].data or "")
            for each in self.criteria
        }
