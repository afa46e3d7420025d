"""What an external examiner types."""

from placements.examining.rules import QUESTIONS
from placements.web import fields
from placements.web.forms import Form


class AskForm(Form):
    """A script outside the sample."""

    why = fields.long_text("Why do you want to read it? (optional)", most=1000, hint="The module leader sees it.")


class ReportForm(Form):
    """The set questions, each with room for an answer."""

    standards = fields.long_text(QUESTIONS["standards"], most=6000)
    marking = fields.long_text(QUESTIONS["marking"], most=6000)
    changes = fields.long_text(QUESTIONS["changes"], most=6000)
    practice = fields.long_text(QUESTIONS["practice"], most=6000)
    scripts = fields.long_text(QUESTIONS["scripts"], most=6000)

    def answers(self) -> dict[str, str]:
        """What is written, by question."""
        return {key: self[key].data or "" for key in QUESTIONS}


class RespondForm(Form):
    """A leader's answer to the report."""

    response = fields.long_text("Your response", missing="Write your response", most=8000, rows=10)
