"""Forms of runs, their groups, and who does what on them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from wtforms import SelectChoice

from placements.cohorts.dates import KeyDates, date_problems
from placements.cohorts.models import RUN_ROLES, THEMES, ModuleRun, RunRole, Theme, TimeslotGroup
from placements.cohorts.rules import Hours, hours_problems
from placements.core import clock
from placements.people.models import NAME_LENGTH, Person
from placements.web import fields
from placements.web.forms import Form

NOBODY_YET = "nobody"
ROLES = {role.value: said for role, said in RUN_ROLES.items() if role is not RunRole.CHAMPION} | {
    f"{RunRole.CHAMPION}:{theme}": f"{RUN_ROLES[RunRole.CHAMPION]}: {said}" for theme, said in THEMES.items()
}
DEADLINE = "London time, for example 3pm"


def _said(field: Any, sentence: str) -> None:
    field.errors = [*field.errors, sentence]


class PlanForm(Form):
    """A run to plan."""

    refusals = {
        "uq_module_run_code_academic_year_period": ("period", "There is a run of this module, year and period already.")
    }

    start_from = fields.one("What does it start from?", {}, missing="Choose what it starts from")
    academic_year = fields.one("Academic year", {}, missing="Choose an academic year")
    period = fields.text(
        "Period",
        missing="Enter the period",
        most=20,
        hint="As the student record writes it: YEAR for a module that runs all year",
    )

    def offer(self, starts: Mapping[str, str], years: Iterable[str]) -> None:
        """Say what can be chosen."""
        self.start_from.choices = [SelectChoice(value, said) for value, said in starts.items()]
        self.academic_year.choices = [SelectChoice(year, year) for year in years]


class DatesForm(Form):
    """A run's key dates. A deadline is a date and a time on London's clocks."""

    teaching_starts_on = fields.day("First day of teaching", missing="Enter the first day of teaching", hint="")
    ranking_opens_on = fields.day("Students can choose from", missing="Enter when choices open", hint="")
    ranking_opens_time = fields.time_of_day(
        "Time that choices open", missing="Enter the time that choices open", hint="London time"
    )
    ranking_closes_on = fields.day("Choices close on", missing="Enter when choices close", hint="")
    ranking_closes_time = fields.time_of_day(
        "Time that choices close", missing="Enter the time that choices close", hint=DEADLINE
    )
    offers_due_on = fields.day("Offers are answered by (optional)", hint="")
    offers_due_time = fields.time_of_day("Time by which offers are answered", hint=DEADLINE)
    placements_start_on = fields.day("First day of placements", missing="Enter the first day of placements", hint="")
    placed_by_on = fields.day(
        "Everybody has a place, or something agreed instead, by (optional)",
        hint="No later date is given to anybody on the clearing list. Left empty: four weeks after choices close",
    )
    placements_end_on = fields.day("Last day of placements", missing="Enter the last day of placements", hint="")
    portfolio_due_on = fields.day("Portfolio is due on (optional)", hint="")
    portfolio_due_time = fields.time_of_day("Time that the portfolio is due", hint=DEADLINE)
    board_on = fields.day("Board (optional)", hint="")
    reassessment_due_on = fields.day("Reassessed work is due on (optional)", hint="")
    reassessment_due_time = fields.time_of_day("Time that reassessed work is due", hint=DEADLINE)

    def __init__(self, run: ModuleRun, dates: KeyDates) -> None:
        self._year = run.academic_year
        super().__init__(data=_parts(dates))

    def dates(self) -> KeyDates:
        """What was entered."""
        return KeyDates(
            teaching_starts_on=self.teaching_starts_on.data,
            ranking_opens_at=self._instant("ranking_opens"),
            ranking_closes_at=self._instant("ranking_closes"),
            offers_due_at=self._instant("offers_due"),
            placements_start_on=self.placements_start_on.data,
            placed_by_on=self.placed_by_on.data,
            placements_end_on=self.placements_end_on.data,
            portfolio_due_at=self._instant("portfolio_due"),
            board_on=self.board_on.data,
            reassessment_due_at=self._instant("reassessment_due"),
        )

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Each date and time by itself, then their order."""
        if not super().validate(*args, **kwargs):
            return False
        for name in ("ranking_opens", "ranking_closes", "offers_due", "portfolio_due", "reassessment_due"):
            self._check_pair(name)
        if not self.errors:
            for name, sentence in date_problems(self.dates(), self._year).items():
                _said(self[name.replace("_at", "_on")], sentence)
        return not self.errors

    def _check_pair(self, name: str) -> None:
        day, at = self[f"{name}_on"], self[f"{name}_time"]
        if day.data and not at.data:
            _said(at, "Enter a time to go with the date")
        elif at.data and not day.data and not name.endswith("_due"):
            _said(day, "Enter a date to go with the time")
        elif day.data and not clock.exists_in_london(day.data, at.data):
            _said(at, "The clocks go forward then, so there is no such time. Enter another")

    def _instant(self, name: str) -> datetime | None:
        day, at = self[f"{name}_on"].data, self[f"{name}_time"].data
        return clock.in_london(day, at) if day and at is not None else None


def _parts(dates: KeyDates) -> dict[str, date | time | None]:
    """The dates as the form's fields hold them."""
    parts: dict[str, date | time | None] = {}
    for name, value in vars(dates).items():
        if name.endswith("_on"):
            parts[name] = value
        else:
            there = clock.london(value) if value else None
            parts[name.replace("_at", "_on")] = there.date() if there else None
            parts[name.replace("_at", "_time")] = there.time() if there else None
    return parts


class HoursForm(Form):
    """A run's hours, whole ones."""

    target = fields.number("Target", least=1, most=500, missing="Enter the target", hint="Hours each student aims at")
    minimum = fields.number("Minimum", least=1, most=500, missing="Enter the minimum", hint="Fewer do not complete it")
    ceiling = fields.number(
        "Ceiling", least=1, most=500, missing="Enter the ceiling", hint="Hours past it do not count"
    )

    def hours(self) -> Hours:
        """What was entered, in minutes."""
        return Hours(self.target.data * 60, self.minimum.data * 60, self.ceiling.data * 60)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Each number by itself, then their order."""
        if super().validate(*args, **kwargs):
            for name, sentence in hours_problems(self.hours()).items():
                _said(self[name], sentence)
        return not self.errors


class GroupForm(Form):
    """A new timeslot group."""

    refusals = {"uq_timeslot_group_run_id_occurrence": ("occurrence", "The run has a group of that letter already.")}

    occurrence = fields.text(
        "Occurrence", missing="Enter the occurrence", most=10, hint="As the student record names the group, like C"
    )
    name = fields.text("When it meets", missing="Enter when it meets", most=100, hint="Like Wednesday afternoon")


class EditGroupForm(Form):
    """A group's name and its tutor."""

    name = fields.text("When it meets", missing="Enter when it meets", most=100)
    tutor = fields.one("Tutor", {}, missing="Choose who tutors it")

    def __init__(self, group: TimeslotGroup, people: Sequence[Person]) -> None:
        self._people = {person.public_id: person for person in people}
        super().__init__(data={"name": group.name, "tutor": group.tutor.public_id if group.tutor else NOBODY_YET})
        names = [SelectChoice(person.public_id, person.name) for person in people]
        self.tutor.choices = [*names, SelectChoice(NOBODY_YET, "Nobody yet")]

    @property
    def person(self) -> Person | None:
        """Who was chosen."""
        return self._people.get(self.tutor.data)


class RoleForm(Form):
    """Somebody's role on a run."""

    given_name = fields.text("First name", missing="Enter their first name", most=NAME_LENGTH)
    family_name = fields.text("Last name", missing="Enter their last name", most=NAME_LENGTH)
    email = fields.email("Work email address", missing="Enter their email address")
    role = fields.one("What do they do?", ROLES, missing="Choose what they do")
    until_on = fields.day("Last day of an external examiner", hint="Other roles do not end by themselves.")

    def role_and_theme(self) -> tuple[RunRole, Theme | None]:
        """What was chosen; a theme for a champion alone."""
        role, _, theme = self.role.data.partition(":")
        return RunRole(role), Theme(theme) if theme else None


class EndForm(Form):
    """Until when a role is one."""

    until_on = fields.day("Last day", missing="Enter the last day")


class CloseForm(Form):
    """That one means it."""

    is_sure = fields.tick("Yes, close this run", missing="Tick the box if you want to close it")
