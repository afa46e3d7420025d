"""Writing an Agreement, and speaking about it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import Field, HiddenField
from wtforms.validators import InputRequired, Length

from placements.agreements.models import Agreement
from placements.agreements.rules import LISTED, MOST_OBJECTIVES, OBJECTIVE_LENGTH, PARTS, SECTIONS, TEXT_LENGTH
from placements.agreements.weeks import MOST_IN_A_WEEK, STEP
from placements.core.clock import say_date
from placements.web import fields
from placements.web.forms import Form

COMMENT_LENGTH = 2000
OPEN_AGAIN = "This page is too old. Open it again, then try once more"


def _seen() -> HiddenField:
    return HiddenField(validators=[InputRequired(OPEN_AGAIN), Length(max=64, message=OPEN_AGAIN)])


class SeenForm(Form):
    """Carries which saved words somebody had in sight."""

    edit_version = _seen()

    @property
    def seen(self) -> int | None:
        """The edit_version that the page was made of; None where it says none."""
        said = self.edit_version.data or ""
        return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None

    def look_at(self, agreement: Agreement) -> bool:
        """What is sent next was made with what is saved now in sight. Returns whether it was not until now."""
        is_stale = self.seen != agreement.edit_version
        self.edit_version.data = str(agreement.edit_version)
        return is_stale


class DraftForm(SeenForm):
    """Every part of the text; all may be empty while it is a draft."""

    def words(self) -> dict[str, str]:
        """What was written, by section, with one character for each end of a line."""
        return {section.name: self[section.name].data or "" for section in SECTIONS}

    def objectives(self) -> list[str]:
        """What stands in the boxes for objectives, each in one line, without those left empty."""
        written = [" ".join((self[name].data or "").split()) for name in OBJECTIVES]
        return [text for text in written if text]

    @staticmethod
    def boxes(objectives: Sequence[str]) -> dict[str, str]:
        """Which box each objective stands in."""
        return dict(zip(OBJECTIVES, objectives, strict=False))


OBJECTIVES = [f"objective_{number}" for number in range(1, MOST_OBJECTIVES + 1)]

for _section in PARTS:
    if _section.name == "objectives":
        for _number, _name in enumerate(OBJECTIVES, 1):
            _box = fields.long_text(f"Objective {_number}", most=OBJECTIVE_LENGTH, rows=2)
            setattr(DraftForm, _name, _box)
    elif _section.name not in LISTED:
        _box = fields.long_text(_section.title, most=TEXT_LENGTH, hint=_section.hint, rows=5)
        setattr(DraftForm, _section.name, _box)


class WeeksForm(SeenForm):
    """A box a week, for the hours; `weeks_form` gives it its boxes."""

    def boxes(self) -> list[Field]:
        """The boxes, in the order of their weeks."""
        return [field for field in self if field.name.startswith("week_")]

    def planned(self) -> dict[date, int]:
        """Minutes by Monday, without the weeks that have none."""
        read = {date.fromisoformat(field.name.removeprefix("week_")): field.data for field in self.boxes()}
        return {monday: minutes for monday, minutes in read.items() if minutes}


def weeks_form(mondays: Sequence[date], planned: Mapping[date, int], **data: Any) -> WeeksForm:
    """A form for the hours of these weeks, `planned` in them to begin with."""
    boxes = {
        f"week_{monday.isoformat()}": fields.hours(f"Hours in the week of {say_date(monday)}", MOST_IN_A_WEEK, STEP)
        for monday in mondays
    }
    begins = {name: planned.get(monday, 0) for name, monday in zip(boxes, mondays, strict=True)}
    made: WeeksForm = type("WeeksOfAPlacement", (WeeksForm,), boxes)(data={**begins, **data})
    return made


class CommentForm(Form):
    """A word about the Agreement."""

    text = fields.long_text("Comment", missing="Write your comment", most=COMMENT_LENGTH, rows=3)
    form_key = fields.form_key()
