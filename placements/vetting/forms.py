"""Answering and verifying checks, the risk of a place, and memoranda."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovFileInput
from werkzeug.datastructures import FileStorage
from wtforms import Field, HiddenField, MultipleFileField, ValidationError
from wtforms.validators import Length

from placements.core.clock import today
from placements.people.models import Person
from placements.vetting.models import Check, Memorandum
from placements.vetting.queries import Question, question_asked_by
from placements.vetting.rules import FACTORS, RISKS, Answer, Risk, Standing, holds_until, years_later
from placements.vetting.workflow import CheckState
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

MOST_FILES = 5
ADOPTED = "No, but we adopt your one-page template as our policy"
WAITS = "waits"
SHOWS = {WAITS: "Waits for us", **{str(days): f"Runs out in {days} days" for days in (30, 60, 90)}}


def chosen_files(files: Sequence[Any]) -> list[FileStorage]:
    """The files that were really chosen: a browser sends an empty one where none was."""
    return [each for each in files if isinstance(each, FileStorage) and each.filename]


class AnswerForm(Form):
    """The answer to one question: `of(question)` gives it the question's own words."""

    @classmethod
    def of(cls, question: Question, adopts: bool = False) -> "AnswerForm":
        """The form for one question, with what is answered in it; for who comes from our page, that they adopt it."""
        asked, check = question.asked, question.check
        choices = {Answer.PAPER: asked.paper, Answer.TEMPLATE: ADOPTED, Answer.INSTEAD: asked.instead}
        if not asked.has_template:
            del choices[Answer.TEMPLATE]
        parts: dict[str, Any] = {"answer": fields.one(asked.question, choices, missing="Choose one", coerce=Answer)}
        if asked.ends_with_paper:
            parts["paper_until"] = fields.day("If you have one: the last day on it")
        parts["files"] = MultipleFileField(
            "If you have one: a copy or a photograph of it",
            widget=GovFileInput(),
            render_kw={"multiple": True},
        )
        label = "If you have none: what you do instead"
        parts["words"] = fields.long_text(label, most=2000, hint=asked.instead_hint, rows=4)
        saved: dict[str, Any] = {}
        if check is not None:
            saved = {"answer": check.answer, "words": check.words, "paper_until": check.paper_until}
        if adopts and asked.has_template:
            saved["answer"] = Answer.TEMPLATE
        return type("AnswerFormOfQuestion", (cls,), parts)(data=saved)

    def said(self) -> dict[str, Any]:
        """What was answered."""
        given = self.answers()
        return {"answer": given["answer"], "words": given["words"] or "", "paper_until": given.get("paper_until")}

    def validate_files(self, field: MultipleFileField) -> None:
        """Not too many."""
        if len(chosen_files(field.data or [])) > MOST_FILES:
            raise ValidationError(f"Choose at most {MOST_FILES} files")


class VerifyForm(Form):
    """What we found, until when it holds, and what the organisation reads."""

    finding = fields.one(
        "What did you find?",
        {
            Standing.PASSED: "It passes",
            Standing.CONDITIONAL: "It passes on a condition",
            Standing.FAILED: "It does not pass",
        },
        missing="Choose what you found",
        coerce=Standing,
    )
    until = fields.day("If it passes: the last day on which it holds")
    words = fields.long_text(
        "The condition, or what has to change",
        most=1000,
        rows=4,
        hint="They read this, word for word. Say what to do. Leave it empty if it simply passes.",
    )
    seen = HiddenField(validators=[Length(max=40, message="Open this page again")])

    @classmethod
    def of(cls, check: Check, now: datetime) -> "VerifyForm":
        """The form for one answer, its usual last day filled in."""
        usual = holds_until(question_asked_by(check).asked, check.answer, check.paper_until, today(now))
        words = check.finding if check.state is CheckState.CONDITIONAL else ""
        return cls(data={"until": max(usual, today(now)), "words": words, "seen": check.answered_at.isoformat()})

    @property
    def seen_at(self) -> datetime | None:
        """Which answer was read; None where that cannot be read."""
        try:
            return datetime.fromisoformat(self.seen.data or "")
        except ValueError:
            return None

    def validate_words(self, field: Any) -> None:
        """There where they are needed, and only where the organisation reads them."""
        if self.finding.data in (Standing.CONDITIONAL, Standing.FAILED) and not field.data:
            raise ValidationError("Write what they have to do")
        if self.finding.data is Standing.PASSED and field.data:
            raise ValidationError("Choose “It passes on a condition”, or leave this empty")


def _factor(name: str) -> Field:
    """How high one part of the risk is."""
    label, guidance = FACTORS[name].label, FACTORS[name].guidance
    return fields.one(label, RISKS, missing=f"Weigh the {label.lower()}", hint=guidance, coerce=Risk)


class RiskForm(Form):
    """The risk of a place, factor by factor."""

    travel, location, environment, insurance = (_factor(name) for name in FACTORS)
    actions = fields.long_text(
        "What is done about it",
        most=2000,
        hint="Who does what, and when. The organisation reads this and keeps to it.",
    )
    residual = fields.one(
        "What is left then",
        RISKS,
        hint="If something is done about it, usually one step below the worst. Nobody starts while it is high.",
        coerce=Risk,
    )

    def facts(self) -> dict[str, Any]:
        """The profile as it was weighed."""
        given = self.answers()
        return {**given, "actions": given["actions"] or ""}


class CheckFilters(Filters):
    """Above the list of checks."""

    text = fields.text("Organisation", most=100)
    show = fields.one_of_many("Show", SHOWS, empty="Waits, or runs out in 90 days")

    @property
    def within(self) -> timedelta | None:
        """By when those shown run out, where that is asked."""
        asked = self.values()["show"]
        return timedelta(days=int(asked)) if asked and asked != WAITS else None


class MemorandumForm(Form):
    """The text of a memorandum."""

    form_key = fields.form_key()
    text = fields.long_text(
        "What both agree",
        missing="Write what both agree",
        most=10_000,
        rows=16,
        hint="A proposal: change what you like. It becomes final when it is signed.",
    )
    seen = fields.seen()

    refusals = {
        "uq_memorandum_form_key": (None, "This version is there already."),
        "uq_memorandum_organisation_id_version": (None, "Somebody else has just made a version. Look at it first."),
    }


class SignForm(Form):
    """Who signed a memorandum, when, and until when it lasts."""

    signed_for_them = fields.text("Who signed for them", missing="Enter who signed for them", most=150)
    signed_for_us = fields.text(
        "Who signed for the university", missing="Enter who signed for the university", most=150
    )
    signed_on = fields.day("Day on which it was signed", missing="Enter the day on which it was signed")
    expires_on = fields.day("Its last day", missing="Enter its last day")
    file = fields.file("The signed paper", hint="If you have a scan or a photograph of it.")

    @classmethod
    def of(cls, memorandum: Memorandum, day: date, us: Person | None) -> "SignForm":
        """Three years from today, signed by whoever notes it, unless they say otherwise."""
        name = us.name if us else ""
        return cls(data={"signed_on": day, "expires_on": years_later(day, 3), "signed_for_us": name})

    def validate_expires_on(self, field: Any) -> None:
        """After it was signed."""
        if self.signed_on.data and field.data and field.data <= self.signed_on.data:
            raise ValidationError("Enter a last day after the day on which it was signed")
