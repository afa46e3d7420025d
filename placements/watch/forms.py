"""Filters of the list, and what was done about a warning."""

from datetime import date
from typing import Any

from wtforms import SelectChoice

from placements.watch.models import WORDS_LENGTH
from placements.watch.rules import KINDS, WEEK, Act, Kind, acts_for
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

OF_TEAM = {kind: said for kind, said in KINDS.items() if kind is not Kind.ATTENDANCE}


class WatchFilters(Filters):
    """Above the list of warnings."""

    q = fields.text("Student", most=100)
    kind = fields.one_of_many("What it is about", OF_TEAM, empty="Everything", coerce=Kind)
    put_off = fields.tick("Only what was seen to and comes back")


class ActForm(Form):
    """What somebody did, and when the warning comes back."""

    refusals = {"uq_warning_action_form_key": (None, "This was kept already.")}

    what = fields.one("What did you do?", {}, missing="Choose what you did", coerce=Act)
    words = fields.long_text(
        "In your words",
        missing="Say what you did and what comes of it",
        hint="What was said, and what happens next.",
        most=WORDS_LENGTH,
        rows=3,
        counts=True,
    )
    again_on = fields.day(
        "When should this come back, if it is still so?",
        missing="Enter a day",
        hint="It comes back before that day if it gets worse.",
    )
    form_key = fields.form_key()

    def __init__(self, kind: Kind, today: date, **given: Any) -> None:
        super().__init__(data={"again_on": today + WEEK}, **given)
        self.what.choices = [SelectChoice(act.value, said) for act, said in acts_for(kind).items()]
