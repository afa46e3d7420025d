"""What becomes of a group that has shrunk."""

from placements.groups.models import REASON_LENGTH, Course
from placements.web import fields
from placements.web.forms import Form

COURSES = {
    Course.FEWER: "They go on with fewer",
    Course.ANOTHER: "Another student is looked for: the free place goes to who waits for it, then to the clearing list",
    Course.END: "It ends for all of them: they need another place and go to the clearing list",
}


class DecideForm(Form):
    """One of three, and why."""

    course = fields.one(
        "What becomes of the group?", COURSES, missing="Choose what becomes of the group", coerce=Course
    )
    reason = fields.long_text(
        "Why?",
        missing="Say why, in a sentence",
        most=REASON_LENGTH,
        rows=3,
        hint="Kept for the module team. The students and the organisation do not see it.",
    )
