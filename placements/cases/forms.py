"""Why somebody wants a student's case."""

from placements.cases.rules import REASON_LENGTH
from placements.web import fields
from placements.web.forms import Form


class CaseForm(Form):
    """The reason, which stays with the file's record."""

    reason = fields.long_text(
        "Why is it needed?",
        missing="Write why it is needed",
        most=REASON_LENGTH,
        hint="Such as the reference of a complaint, or who audits. All leaders of the run can read this.",
    )
