"""Logging a visit, commenting."""

from collections.abc import Sequence
from typing import Any

from flask import request
from govuk_frontend_wtf.wtforms_widgets import GovFileInput
from wtforms import MultipleFileField, SelectChoice

from placements.agreements.models import Objective
from placements.challenges.models import WorkMode
from placements.logbook.queries import MODES
from placements.logbook.rules import Visit
from placements.web import fields
from placements.web.forms import UNSTORABLE, Form

SENT_TWICE = "This was sent from another page already. Look at your log before you send it again."
MOST_FILES = 5  # at a time
TYPED = (
    *("on", "starts", "ends", "ends_next_day", "break_minutes", "mode", "objective_id"),
    *("activity", "reflection", "is_reflection_shared", "form_key"),
)  # what of a form of a visit is kept while it is not sent
LONGEST_TYPED = 20_000


class EntryForm(Form):
    """One visit: under a minute on a phone."""

    refusals = {"uq_log_entry_form_key": (None, SENT_TWICE)}

    on = fields.day("When were you there?", missing="Enter the day of your visit")
    starts = fields.time_of_day("Started", missing="Enter the time you started")
    ends = fields.time_of_day("Finished", missing="Enter the time you finished", hint="For example, 16:00 or 4pm")
    ends_next_day = fields.tick("I finished after midnight")
    break_minutes = fields.number(
        "Break, in minutes", least=0, most=960, missing="Enter your break in minutes, or 0 if you had none"
    )
    mode = fields.one("Where did you work?", MODES, missing="Choose where you worked", coerce=WorkMode)
    activity = fields.long_text(
        "What did you do?",
        missing="Write a line or two about what you did",
        hint="A line or two. Your supervisor sees this. Leave out names and details of clients.",
        rows=3,
    )
    reflection = fields.long_text(
        "Reflection (optional)",
        hint="What happened, so what, now what? Only you and your tutor see this, unless you share it below.",
        most=8000,
    )
    is_reflection_shared = fields.tick("Share this reflection with my supervisor")
    objective_id = fields.one_of_many(
        "Which objective was it about? (optional)", {}, empty="No particular one", coerce=int
    )
    files = MultipleFileField(
        "Photos or files that show it (optional)",
        description="No faces, names or details of clients, and nobody else who has not agreed. Photos are kept "
        "without the place and time that a camera writes into them; other files as they are. Up to 5 at a time, "
        "together at most 25 MB.",
        widget=GovFileInput(),
        render_kw={"multiple": True},
    )
    form_key = fields.form_key()
    objectives: Sequence[Objective] = ()

    @property
    def is_draft(self) -> bool:
        """Whether it is to be kept and not yet sent."""
        return request.form.get("do") == "draft"

    @property
    def visit(self) -> Visit:
        """When the student was there, as typed."""
        data = self.data
        return Visit(data["on"], data["starts"], data["ends"], data["break_minutes"], data["ends_next_day"])

    @property
    def words(self) -> dict[str, Any]:
        """The rest of what was typed, as the actions take it; browsers send lines that end in CR LF."""
        words = {name: "\n".join((self[name].data or "").splitlines()) for name in ("activity", "reflection")}
        return {
            **words,
            "mode": self.mode.data,
            "is_reflection_shared": self.is_reflection_shared.data,
            "objective": next((each for each in self.objectives if each.id == self._objective_id), None),
        }

    @property
    def _objective_id(self) -> int | None:
        return self.objective_id.data if self.objective_id else None


def entry_form(objectives: Sequence[Objective], *, has_files: bool = True, **filled: Any) -> EntryForm:
    """The form of a visit, with the objectives that it may be about; `filled` as a form is filled."""
    form = EntryForm(**filled)
    form.objectives = objectives
    form.objective_id.choices += [SelectChoice(str(each.id), each.text) for each in objectives]
    if not objectives:
        del form.objective_id
    if not has_files:
        del form.files
    return form


def typed() -> dict[str, list[str]]:
    """What is posted of a form of a visit, as typed, without what no database keeps. Empty where it is too long."""
    sent = {name: [UNSTORABLE.sub("", each) for each in request.form.getlist(name)] for name in TYPED}
    length = sum(len(each) for values in sent.values() for each in values)
    return {name: values for name, values in sent.items() if values} if length <= LONGEST_TYPED else {}


class CommentForm(Form):
    """Something to say about a visit."""

    text = fields.long_text("Your comment", missing="Write your comment", most=2000, rows=3)
