"""Giving feedback, reading it, and asking for it or doing without."""

from collections.abc import Collection, Sequence
from typing import Any

from flask import request
from wtforms import Field, HiddenField
from wtforms.validators import Length

from placements.agreements.models import Objective
from placements.feedback.models import REASON_LENGTH
from placements.feedback.rules import OCCASIONS, RATINGS, Occasion, Rating, Words
from placements.feedback.workflow import FeedbackState
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

LENGTH = 1000
STATES = {
    FeedbackState.REQUESTED: "Asked for",
    FeedbackState.RECEIVED: "Given",
    FeedbackState.NOT_OBTAINABLE: "Not to be had",
    FeedbackState.WAIVED: "Waived",
}
WANTED = "Choose one of the answers for “{}”"


class WriteForm(Form):
    """A rating for each objective, and two short texts. What is to be finished later may lack anything."""

    strengths = fields.long_text("What went well?", most=LENGTH, rows=4, hint="A sentence or two is enough.")
    next_steps = fields.long_text(
        "What could be better, or comes next? (optional)",
        most=LENGTH,
        rows=4,
        hint="Name no client or member, and nobody else.",
    )
    objectives: Sequence[Objective] = ()

    @property
    def is_later(self) -> bool:
        """The button pressed keeps it, to be finished another time."""
        return request.form.get("do") == "later"

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """To be given, it needs a rating for every objective and something said."""
        is_valid = super().validate(*args, **kwargs)
        if self.is_later:
            return is_valid
        wanted = [(self[f"rating_{each.id}"], WANTED.format(_shortened(each.text))) for each in self.objectives]
        wanted.append((self.strengths, "Say in a sentence what went well"))
        missing = [(field, said) for field, said in wanted if not _posted(field)]
        for field, said in missing:
            field.errors = [*field.errors, said]
        return is_valid and not missing

    @property
    def words(self) -> Words:
        """What was said so far."""
        chosen = {each.id: _posted(self[f"rating_{each.id}"]) for each in self.objectives}
        ratings = {key: rating for key, rating in chosen.items() if rating}
        return Words(ratings, _posted(self.strengths) or "", _posted(self.next_steps) or "")


def _posted(field: Field) -> Any:
    """What was answered in this post; what stood there before is no answer."""
    return field.data if field.raw_data else None


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59].rstrip()}…"


def write_form(objectives: Sequence[Objective], words: Words | None) -> WriteForm:
    """A form for these objectives, filled with what was written before."""
    parts: dict[str, Any] = {"objectives": objectives}
    for each in objectives:
        parts[f"rating_{each.id}"] = fields.one(each.text, RATINGS, coerce=Rating)
    said: dict[str, Any] = {}
    if words:
        said = {f"rating_{key}": rating for key, rating in words.ratings.items()}
        said |= {"strengths": words.strengths, "next_steps": words.next_steps}
    made: WriteForm = type("WriteForm", (WriteForm,), parts)(data=said)
    return made


class ShareForm(Form):
    """One button, under the words that the student will read."""

    seen = fields.seen()


class CommentForm(Form):
    """That one has read it, and what one thinks."""

    version = HiddenField(validators=[Length(max=9, message="Open this page again")])
    comment = fields.long_text(
        "Your comment (optional)",
        most=LENGTH,
        rows=4,
        hint="Your supervisor, your tutor and whoever marks your work can read it.",
    )

    @property
    def seen_version(self) -> int | None:
        """The version that the page showed; None where it says none."""
        said = _posted(self.version) or ""
        return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


class AskForm(Form):
    """Which feedback to ask for now."""

    occasion = fields.one("Which feedback?", OCCASIONS, missing="Choose which feedback to ask for", coerce=Occasion)

    def offer(self, occasions: Collection[Occasion]) -> None:
        """Only what was not asked for yet."""
        choices = {each: OCCASIONS[each] for each in Occasion if each in occasions}
        self.occasion.choices = [(each.value, said) for each, said in choices.items()]


class ReasonForm(Form):
    """Why there is none."""

    reason = fields.long_text(
        "Why?",
        missing="Say why, for the record",
        most=REASON_LENGTH,
        rows=3,
        counts=True,
        hint="The tutor and the module leader read it; the student and the organisation do not.",
    )


class RequestFilters(Filters):
    """Above the list of what was asked for."""

    text = fields.text("Student", most=100)
    state = fields.one_of_many("Status", STATES, empty="All of them", coerce=FeedbackState)
