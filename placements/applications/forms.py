"""Searching, choosing in order, submitting and withdrawing; what organisations answer, and what is decided about it."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from wtforms import Field, HiddenField, SelectChoice
from wtforms.validators import DataRequired, Length

from placements.applications.finding import Wanted
from placements.applications.models import Needs
from placements.applications.needs import Limits
from placements.applications.overview import STANDINGS, Asked, Standing
from placements.applications.rules import (
    ADDITION_LENGTH,
    MOST_CHOICES,
    REASON_LENGTH,
    STATEMENT_LENGTH,
    WHY_UNSUITABLE,
    Answer,
    Choice,
    Draft,
    Unsuitable,
)
from placements.challenges.models import DAYS, MODES, Dbs, WorkMode
from placements.challenges.queries import Search
from placements.challenges.rules import CHECK_TAKES, as_days
from placements.cohorts.models import THEMES, Theme, TimeslotGroup
from placements.partners.boroughs import IN_LONDON, Distance, within
from placements.partners.rules import BOROUGHS
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

NOTE_LENGTH = 1000
JOURNEYS = {Distance.NEAR: "Near, or remote", Distance.ACROSS: "Across town, or remote"}
MOST_DBS = {Dbs.NONE: "No check", Dbs.BASIC: f"At most basic, {CHECK_TAKES[Dbs.BASIC]}"}
OLD_PAGE = "This page is too old. Reload it, then try again"


class FindFilters(Filters):
    """Above the challenges. What rests on the student's own needs is left out until they say them."""

    NAMES = (  # of an address
        *("q", "area", "borough", "journey", "mode", "day", "skills", "dbs", "expenses", "fitting", "bookmarked"),
        "page",
    )

    q = fields.text("Search", most=100)
    area = fields.one_of_many("Challenge area", THEMES, empty="Any area", coerce=Theme)
    borough = fields.one_of_many("Borough", {name: name for name in BOROUGHS}, empty="Any borough")
    journey = fields.one_of_many("Journey", JOURNEYS, empty="Any journey", coerce=Distance)
    mode = fields.one_of_many("Where you work", MODES, empty="Anywhere", coerce=WorkMode)
    day = fields.one_of_many("Day", dict(enumerate(DAYS, 1)), empty="Any day", coerce=int)
    skills = fields.text("Skills", most=100)
    dbs = fields.one_of_many("DBS check", MOST_DBS, empty="Any check", coerce=Dbs)
    expenses = fields.tick("Pays expenses")
    fitting = fields.tick("Only what fits me")
    bookmarked = fields.tick("Only my bookmarks")

    def __init__(self, needs: Needs | None) -> None:
        super().__init__()
        self.home = needs.borough if needs else ""
        self.limits = needs.limits if needs else Limits()
        if not self.home:
            del self.journey
        if self.limits == Limits():
            del self.fitting

    def wanted(self) -> Wanted:
        """What is asked for."""
        values = self.values()
        journey = values.get("journey")
        return Wanted(
            Search(values["q"], values["area"], values["borough"], values["mode"], values["day"] and values["day"] - 1),
            skills=values["skills"],
            pays_expenses=self.expenses.data,
            most_dbs=values["dbs"],
            within=within(journey, self.home) if journey else None,
            fitting=self.limits if values.get("fitting") else None,
            is_bookmarked=self.bookmarked.data,
        )


class NeedsForm(Form):
    """What a student needs: first what decides, then what only reminds them."""

    days = fields.several(
        "Days you can come",
        dict(enumerate(DAYS)),
        hint="Tick any. If you tick none, every day suits you.",
        coerce=int,
    )
    borough = fields.one_of_many(
        "Where you live in term time",
        {name: name for name in IN_LONDON},
        hint="If you live outside London, choose the borough where you come in.",
        empty="Not said",
    )
    journey = fields.one(
        "The longest journey you can make",
        {
            Distance.FAR: "Any journey",
            Distance.ACROSS: "Across town: two boroughs away",
            Distance.NEAR: "Near: my borough or the next one",
        },
        hint="Counted in boroughs on the map. Remote work needs no journey.",
        coerce=Distance,
    )
    mode = fields.one(
        "How much of the work must be remote",
        {WorkMode.ON_SITE: "No part of it", WorkMode.HYBRID: "Some of it", WorkMode.REMOTE: "All of it"},
        coerce=WorkMode,
    )
    access = fields.long_text(
        "Access", most=NOTE_LENGTH, hint="For example, step-free from street to room.", rows=3, counts=True
    )
    times = fields.long_text(
        "Times when you cannot come",
        most=NOTE_LENGTH,
        hint="For example, before 10am and after 3pm, when you care for somebody.",
        rows=3,
        counts=True,
    )

    @staticmethod
    def showing(needs: Needs | None) -> "NeedsForm":
        """The form as it shows what is kept."""
        values: dict[str, Any] = {"journey": Distance.FAR, "mode": WorkMode.ON_SITE}
        if needs:
            values = {name: getattr(needs, name) for name in ("borough", "journey", "mode", "access", "times")}
            values["days"] = [place for place in range(len(DAYS)) if needs.days & 1 << place]
        return NeedsForm(formdata=None, data=values)

    def said(self) -> dict[str, Any]:
        """What is to be kept, by column."""
        return {
            "days": as_days(self.days.data or ()),
            "borough": self.borough.data or "",
            "journey": self.journey.data or Distance.FAR,
            "mode": self.mode.data or WorkMode.ON_SITE,
            "access": self.access.data or "",
            "times": self.times.data or "",
        }


class OverviewFilters(Filters):
    """Above the students of a run."""

    q = fields.text("Name or student number", most=100)
    choices = fields.one_of_many("Choices", STANDINGS, empty="All", coerce=Standing)
    group = fields.one_of_many("Group", {}, empty="All groups")

    def __init__(self, groups: Sequence[TimeslotGroup]) -> None:
        super().__init__()
        self.group.choices += [SelectChoice(each.public_id, each.name) for each in groups]
        self.validate()

    def asked(self) -> Asked:
        """What is asked for."""
        values = self.values()
        return Asked(values["q"] or "", values["choices"], values["group"])


class Slot(NamedTuple):
    """The fields of one choice: which challenge (by public id), what is added for it, and the place typed for it."""

    rank: int
    choice: Field
    addition: Field
    place: Field

    @property
    def is_moved(self) -> bool:
        """Whether another place was typed than the one where it stands."""
        return self.place.data is not None and self.place.data != self.rank


class ChoicesForm(Form):
    """The statement and six slots, the first choice in the first; `version` is of the draft that the page showed."""

    version = HiddenField(validators=[DataRequired(OLD_PAGE), Length(max=64, message=OLD_PAGE)])
    statement = fields.long_text(
        "Your statement",
        most=STATEMENT_LENGTH,
        hint="Every organisation that you choose reads it. Say what draws you, what you bring and what you hope to "
        "learn. A few honest sentences are plenty.",
        rows=9,
        counts=True,
    )

    @staticmethod
    def showing(draft: Draft) -> "ChoicesForm":
        """The form as it shows a draft."""
        values: dict[str, Any] = {"version": draft.version, "statement": draft.statement}
        for rank, choice in enumerate(draft.choices, 1):
            values |= {f"choice_{rank}": choice.challenge, f"addition_{rank}": choice.addition, f"place_{rank}": rank}
        return ChoicesForm(formdata=None, data=values)

    def slots(self) -> Iterator[Slot]:
        """The slots that hold a challenge, each challenge once; in order."""
        seen = {""}
        for rank in range(1, MOST_CHOICES + 1):
            slot = Slot(rank, *(self[f"{name}_{rank}"] for name in ("choice", "addition", "place")))
            if not slot.choice.errors and (slot.choice.data or "") not in seen:
                seen.add(slot.choice.data)
                yield slot

    def draft(self, pressed: str) -> Draft:
        """What is to be kept: each at the place typed for it, then what the button `pressed` says.

        Those are `up-…`, `down-…` or `remove-…` a challenge; any other only keeps.
        """
        slots = list(self.slots())
        choices = tuple(Choice(each.choice.data, each.addition.data or "") for each in slots)
        typed = Draft(self.statement.data or "", choices)
        typed = typed.placing({each.choice.data: each.place.data for each in slots if each.is_moved})
        act, _, challenge = pressed.partition("-")
        if act == "remove":
            return typed.removing(challenge)
        return typed.moving(challenge, {"up": -1, "down": 1}[act]) if act in ("up", "down") else typed


for _rank in range(1, MOST_CHOICES + 1):
    setattr(ChoicesForm, f"choice_{_rank}", HiddenField(validators=[Length(max=12, message=OLD_PAGE)]))
    _addition = fields.long_text(
        "Only for this organisation (optional)",
        most=ADDITION_LENGTH,
        hint="It stands under your statement.",
        rows=3,
        counts=True,
    )
    setattr(ChoicesForm, f"addition_{_rank}", _addition)
    setattr(ChoicesForm, f"place_{_rank}", fields.number("Place", least=1, most=MOST_CHOICES))


class SubmitForm(Form):
    """`version`: of the draft that was read and is agreed to; any other is refused."""

    version = HiddenField()


class WithdrawForm(Form):
    """`receipt`: of what is to be taken back."""

    receipt = HiddenField(validators=[DataRequired(OLD_PAGE), Length(max=9, message=OLD_PAGE)])


class NudgeForm(Form):
    """`shown`: how many students the page named."""

    shown = HiddenField()

    def count(self) -> int:
        """How many; -1 where that is no number."""
        text = self.shown.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1


class AnswerForm(Form):
    """What an organisation says of one applicant; `seen`: of the answer and the words that the page showed."""

    seen = fields.seen()
    said = fields.one(
        "Your answer",
        {
            Answer.KEEN: "Keen: we would especially like them to come",
            Answer.HAPPY: "Happy: they are welcome",
            Answer.NOT_SUITABLE: "Not suitable: something in our brief rules it out",
        },
        missing="Choose keen, happy or not suitable",
        coerce=Answer,
    )
    reason = fields.one("If not suitable: why?", WHY_UNSUITABLE, coerce=Unsuitable)
    sentence = fields.long_text(
        "If not suitable: what in your brief is it about?",
        most=REASON_LENGTH,
        hint="One sentence about the work, not about the person. The module leader reads it, and the student may.",
        rows=2,
        counts=True,
    )

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """“Not suitable” needs both parts of its reason."""
        is_valid = super().validate(*args, **kwargs)
        if self.said.data is not Answer.NOT_SUITABLE:
            return is_valid
        missing = {
            self.reason: "Choose why they are not suitable",
            self.sentence: "Say in one sentence what it is about",
        }
        for field, said in missing.items():
            if not field.data and not field.errors:
                field.errors, is_valid = [said], False
        return is_valid


class AgreeForm(Form):
    """`seen`: of the answer and the words that it is about."""

    seen = fields.seen()


class DisagreeForm(AgreeForm):
    """The organisation reads the reason."""

    reason = fields.long_text(
        "Why should it stay among the choices?",
        missing="Say why you do not agree",
        most=REASON_LENGTH,
        hint="The organisation reads this.",
        rows=3,
        counts=True,
    )
