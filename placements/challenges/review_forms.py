"""Forms of those who review a brief, and of those who stop it."""

from collections.abc import Sequence
from typing import Any

from wtforms import SelectChoice

from placements.challenges.models import BriefRisk, Challenge, Dbs
from placements.challenges.rules import QUESTIONS, people_risk
from placements.enquiries.models import Route
from placements.vetting.models import Risk
from placements.web import fields
from placements.web.forms import Form

WORK = {
    Risk.LOW: "Low: like work in an office, a shop or a classroom",
    Risk.MEDIUM: "Medium: tools, kitchens, work outdoors or in people’s homes with somebody",
    Risk.HIGH: "High: machinery, heights, water, or work alone where nobody would notice",
}
PEOPLE = {
    Risk.LOW: "Low: staff, volunteers, or the public in passing",
    Risk.MEDIUM: "Medium: children or vulnerable adults, always with somebody who supervises",
    Risk.HIGH: "High: children or vulnerable adults unsupervised, or a group that is known to be of high risk",
}
LEFT = {
    Risk.LOW: "Low",
    Risk.MEDIUM: "Medium: it can be borne with what is done about it",
    Risk.HIGH: "High: no placement starts, and the brief is not published",
}


class WordsForm(Form):
    """What is said about a brief, or about one question of it."""

    form_key = fields.form_key()
    field = fields.one_of_many("About which question?", QUESTIONS, empty="The whole brief")
    text = fields.long_text("Your comment", missing="Enter your comment", most=2000, rows=6)

    refusals = {"uq_review_comment_form_key": (None, "This is sent already.")}

    def __init__(self, label: str, hint: str) -> None:
        super().__init__()
        self.text.label.text, self.text.description = label, hint

    def said(self) -> dict[str, Any]:
        """What the verb needs beside the words."""
        return {"form_key": self.form_key.data, "field": self.field.data or None}


class DeclineForm(WordsForm):
    """Why a brief is declined, and which other part of the university might take it on."""

    route = fields.one_of_many(
        "Pass it on to", {}, empty="Nobody", hint="They get the title, the need and your words, and answer themselves."
    )

    def __init__(self, routes: Sequence[Route]) -> None:
        super().__init__("Why can it not be a placement?", "The organisation reads this. Say what might work.")
        del self.field
        self.routes = {each.public_id: each for each in routes if each.receiver_id}
        self.route.choices += [SelectChoice(key, each.name) for key, each in self.routes.items()]


class RiskForm(Form):
    """How risky the work and the people are; the place has its own profile."""

    work = fields.one("The work itself", WORK, missing="Choose how risky the work is", coerce=Risk)
    people = fields.one(
        "The people whom students meet", PEOPLE, missing="Choose how risky meeting the people is", coerce=Risk
    )
    actions = fields.long_text(
        "What is done about it?",
        most=2000,
        hint="Who supervises, what students are told first, what they never do. The organisation reads this.",
    )
    residual = fields.one("What is left of the risk then?", LEFT, missing="Choose what is left", coerce=Risk)

    def __init__(self, challenge: Challenge) -> None:
        known: BriefRisk | None = challenge.risk
        super().__init__(obj=known)
        found, why = people_risk(challenge.dbs is Dbs.ENHANCED, challenge.client_group)
        self.people.description = f"The brief suggests {found}: {why}."
        if known is None and self.people.raw_data is None:
            self.people.data = Risk(found)


class PublishLaterForm(Form):
    """When a brief is published by itself."""

    day = fields.day(
        "On which day?", hint="For example, 14 10 2026. Students see it from 8am. Leave it empty to publish it by hand."
    )


class ReasonForm(Form):
    """Why a challenge pauses, and who reads that."""

    reason = fields.long_text("Why?", missing="Enter a reason", most=500, rows=3)

    def __init__(self, read_by: str) -> None:
        super().__init__()
        self.reason.description = read_by


class StopForm(ReasonForm):
    """Why a challenge ends, for both sides, and what the students whom it concerns are told."""

    told = fields.long_text(
        "What shall we tell the students whom it concerns?",
        missing="Enter what we shall tell the students",
        hint="Those who chose it, were offered a place on it or are placed get this by email. Name nobody.",
        most=500,
        rows=3,
    )

    def __init__(self, challenge: Challenge, read_by: str, suggested: str) -> None:
        super().__init__(read_by)
        if challenge.published_at is None:
            del self.told
        elif self.told.raw_data is None:
            self.told.data = suggested
