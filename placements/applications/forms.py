"""Searching, choosing in order, submitting and withdrawing."""

from collections.abc import Iterator, Sequence

from wtforms import Field, HiddenField, SelectChoice
from wtforms.validators import DataRequired, Length

from placements.applications.finding import Wanted
from placements.applications.overview import STANDINGS, Asked, Standing
from placements.applications.rules import ADDITION_LENGTH, MOST_CHOICES, STATEMENT_LENGTH, Choice, Draft
from placements.challenges.models import DAYS, MODES, WorkMode
from placements.challenges.queries import Search
from placements.cohorts.models import THEMES, Theme, TimeslotGroup
from placements.partners.rules import BOROUGHS
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

OLD_PAGE = "This page is too old. Reload it, then try again"


class FindFilters(Filters):
    """Above the challenges."""

    NAMES = ("q", "area", "borough", "mode", "day", "expenses", "no_dbs", "bookmarked", "page")  # of an address

    q = fields.text("Search", most=100)
    area = fields.one_of_many("Challenge area", THEMES, empty="Any area", coerce=Theme)
    borough = fields.one_of_many("Borough", {name: name for name in BOROUGHS}, empty="Any borough")
    mode = fields.one_of_many("Where you work", MODES, empty="Anywhere", coerce=WorkMode)
    day = fields.one_of_many("Day", dict(enumerate(DAYS, 1)), empty="Any day", coerce=int)
    expenses = fields.tick("Pays expenses")
    no_dbs = fields.tick("Needs no DBS check")
    bookmarked = fields.tick("Only my bookmarks")

    def wanted(self) -> Wanted:
        """What is asked for."""
        values = self.values()
        return Wanted(
            Search(values["q"], values["area"], values["borough"], values["mode"], values["day"] and values["day"] - 1),
            pays_expenses=self.expenses.data,
            needs_no_dbs=self.no_dbs.data,
            is_bookmarked=self.bookmarked.data,
        )


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
        values = {"version": draft.version, "statement": draft.statement}
        for rank, choice in enumerate(draft.choices, 1):
            values |= {f"choice_{rank}": choice.challenge, f"addition_{rank}": choice.addition}
        return ChoicesForm(formdata=None, data=values)

    def slots(self) -> Iterator[tuple[Field, Field]]:
        """The slots that hold a challenge (by public id), each once, with the field for what is added; in order."""
        seen = {""}
        for rank in range(1, MOST_CHOICES + 1):
            slot = self[f"choice_{rank}"]
            if not slot.errors and (slot.data or "") not in seen:
                seen.add(slot.data)
                yield slot, self[f"addition_{rank}"]

    def draft(self, pressed: str) -> Draft:
        """What is to be kept, after what the button `pressed` says: `up-…`, `down-…` or `remove-…` a challenge."""
        choices = tuple(Choice(slot.data, addition.data or "") for slot, addition in self.slots())
        typed = Draft(self.statement.data or "", choices)
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
