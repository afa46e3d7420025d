"""Writing a result, and answering whether it is true."""

import enum
from typing import Any

from wtforms import HiddenField
from wtforms.validators import Length

from placements.impact.rules import Words
from placements.impact.workflow import ResultState
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

MOST_PEOPLE = 1_000_000
NOBODY_NAMED = "Name no student, and nothing that tells who it was."
STATES = {
    ResultState.DRAFT: "Being written",
    ResultState.ASKED: "Asked whether it is true",
    ResultState.VERIFIED: "Verified",
    ResultState.PUBLISHED: "Shown to everybody",
    ResultState.WITHDRAWN: "Taken down",
}


class Answer(enum.StrEnum):
    """What an organisation says of a result."""

    SHOW = "show"
    KEEP = "keep"
    WRONG = "wrong"


ANSWERS = {
    Answer.SHOW: "It is true, and you may show it",
    Answer.KEEP: "It is true, but keep it among us",
    Answer.WRONG: "Something is wrong",
}


def _said(version: object) -> str | None:
    return None if version is None else str(version)


def _version() -> HiddenField:
    """Which version the page was made of."""
    return HiddenField(filters=[_said], validators=[Length(max=9, message="Open this page again")])


class ResultForm(Form):
    """What came of a challenge, as anybody would read it."""

    form_key = fields.form_key()
    version = _version()
    headline = fields.text(
        "What came of it, in a line",
        missing="Say in a line what came of it",
        most=120,
        hint=f"For example: Twelve volunteers now keep one stock list. {NOBODY_NAMED}",
    )
    story = fields.long_text(
        "What was left behind",
        missing="Say what was left behind",
        most=2000,
        hint=f"What can people there do now that they could not do before? {NOBODY_NAMED}",
        rows=8,
    )
    people_reached = fields.number(
        "How many people it reached",
        least=0,
        most=MOST_PEOPLE,
        hint="Those who used it or took part, as the organisation counts them. You can leave this empty.",
    )
    quote = fields.long_text(
        "What the organisation says of it, in its own words",
        most=500,
        hint="You can leave this empty, and they can ask you to add it.",
        rows=3,
    )

    refusals = {"uq_result_form_key": (None, "This is saved already: open it from the list of results.")}

    def words(self) -> Words:
        """What was written."""
        said = self.answers()
        return Words(said["headline"], said["story"], said["people_reached"], said["quote"] or "")

    @property
    def seen(self) -> int | None:
        """The version that the page was made of; None where it says none."""
        said = self.version.data or ""
        return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


class AnswerForm(Form):
    """Is it true, and may it be shown?"""

    version = _version()
    answer = fields.one("Your answer", ANSWERS, missing="Choose your answer", coerce=Answer)
    reason = fields.long_text(
        "If something is wrong, what is it?", most=1000, hint="We change it and ask you again.", rows=4
    )

    seen = ResultForm.seen

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """The reason is wanted where something is wrong."""
        is_valid = super().validate(*args, **kwargs)
        if self.answer.data is Answer.WRONG and not self.reason.data:
            self.reason.errors = [*self.reason.errors, "Say what is wrong, so that we can put it right"]
            return False
        return is_valid


class WithdrawForm(Form):
    """Why it is taken down."""

    reason = fields.long_text("Why", most=500, hint="You can leave this empty.", rows=2)


class ResultFilters(Filters):
    """Above the results."""

    text = fields.text("Challenge or organisation", most=100)
    state = fields.one_of_many("How far it is", STATES, empty="All of them", coerce=ResultState)


class ChallengeFilters(Filters):
    """Above the challenges of which nothing is told yet."""

    text = fields.text("Challenge or organisation", most=100)
