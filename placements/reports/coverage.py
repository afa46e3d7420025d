"""What is offered against what is wanted: challenges and places beside students, in tables and in words."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from placements.applications.models import Application, Preference
from placements.applications.workflow import ApplicationState
from placements.challenges.models import MODES, Challenge, live_on
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import THEMES, Enrolment, ModuleRun, Theme
from placements.cohorts.workflow import LEFT, RunState
from placements.core.policy import Principal
from placements.db import db
from placements.partners.models import Organisation, Site
from placements.web.filters import count

FEWEST = 5  # outside the module team what is fewer is not said
FEW = f"fewer than {FEWEST}"
LEVELS = (5, 6)
COMING = (
    ChallengeState.DRAFT,
    ChallengeState.SUBMITTED,
    ChallengeState.CHANGES_REQUESTED,
    ChallengeState.APPROVED,
)


@dataclass(frozen=True)
class Offered:
    """Challenges that are alike: how many there are, and how many places."""

    theme: Theme
    levels: frozenset[int]
    mode: str
    borough: str
    is_live: bool
    challenges: int
    places: int


@dataclass
class Line:
    """One line of a table: what is open, what is being prepared, what is wanted (None: not known, or not to say)."""

    name: str
    challenges: int = 0
    places: int = 0
    coming: int = 0
    wanted: int | None = None

    def add(self, offered: Offered) -> None:
        """Count them in."""
        if offered.is_live:
            self.challenges += offered.challenges
            self.places += offered.places
        else:
            self.coming += offered.challenges


@dataclass(frozen=True)
class Coverage:
    """The tables of a year, and what is thin in words. `says_all`: small numbers are said, too."""

    levels: list[Line]
    areas: list[Line]
    modes: list[Line]
    boroughs: list[Line]
    thin: list[str]
    says_all: bool
    has_firsts: bool

    def said(self, number: int | None) -> str:
        """A number of students as its reader may know it."""
        if number is None:
            return "–"
        return f"{number:,}" if self.says_all or number >= FEWEST else FEW

    def is_short(self, line: Line) -> bool:
        """Whether there are fewer places than are wanted, and that is not to say how few want them."""
        least = 1 if self.says_all else FEWEST
        return line.wanted is not None and line.wanted >= least and line.places < line.wanted


def years() -> Sequence[str]:
    """The academic years that have challenges or open runs, the newest first. One query."""
    runs = select(ModuleRun.academic_year).where(ModuleRun.state == RunState.OPEN)
    found = select(Challenge.academic_year).union(runs).subquery()
    return db.session.scalars(select(found.c[0]).order_by(found.c[0].desc())).all()


def coverage_of(who: Principal, year: str, day: date) -> Coverage:
    """What `who` may know of a year's offer and demand. Three queries.

    Their leaders know the numbers of the runs that they lead. To others small numbers are not said.
    """
    offered = _offered(year, day)
    runs = _students(year)
    led = {run for run, _, _ in runs if who.has("leader", run)}
    counted = [row for row in runs if row[0] in led] if led else runs
    students = Counter[int]()
    for _, level, number in counted:
        students[level] += number
    firsts = _firsts([run for run, _, _ in counted])
    levels = _table({level: f"Level {level}" for level in LEVELS}, offered, lambda each: each.levels, students)
    areas = _table(THEMES, offered, lambda each: [each.theme], firsts if firsts else None)
    found = Coverage(
        levels=[line for line in levels if line.wanted or line.challenges],
        areas=areas,
        modes=_table(MODES, offered, lambda each: [each.mode]),
        boroughs=_boroughs(offered),
        thin=[],
        says_all=bool(led),
        has_firsts=bool(firsts),
    )
    found.thin.extend(_thin(found))
    return found


def _offered(year: str, day: date) -> list[Offered]:
    """The challenges of a year that students may choose, and those being prepared, by what they are. One query."""
    is_live = case((live_on(day), 1), else_=0).label("is_live")
    borough = func.coalesce(Site.borough, Organisation.borough).label("borough")
    suits = (Challenge.suits_level_5, Challenge.suits_level_6)
    alike = (Challenge.theme, *suits, Challenge.mode, borough, is_live)
    rows: Iterable[Any] = db.session.execute(
        select(*alike, func.count(), func.sum(Challenge.places_max))
        .select_from(Challenge)
        .join(Challenge.organisation)
        .outerjoin(Challenge.site)
        .where(Challenge.academic_year == year, live_on(day) | Challenge.state.in_(COMING))
        .group_by(*alike)
    )
    return [
        Offered(theme, frozenset(level for level, fits in zip(LEVELS, (five, six), strict=True) if fits), *rest)
        for theme, five, six, *rest in rows
    ]


def _students(year: str) -> list[tuple[int, int, int]]:
    """Each open run of the year, by key: its level, and how many study on it. One query."""
    on_it = (Enrolment.run_id == ModuleRun.id) & Enrolment.state.not_in(LEFT)
    found = select(ModuleRun.id, ModuleRun.level, func.count(Enrolment.id)).outerjoin(Enrolment, on_it)
    open_ones = found.where(ModuleRun.academic_year == year, ModuleRun.state == RunState.OPEN)
    return list(db.session.execute(open_ones.group_by(ModuleRun.id, ModuleRun.level)))


def _firsts(runs: Sequence[int]) -> Counter[Theme]:
    """How many who study on these runs put each area first. One query."""
    rows = db.session.execute(
        select(Challenge.theme, func.count())
        .select_from(Preference)
        .join(Preference.application)
        .join(Application.enrolment)
        .join(Preference.challenge)
        .where(Enrolment.run_id.in_(runs), Enrolment.state.not_in(LEFT))
        .where(Application.state == ApplicationState.SUBMITTED, Preference.rank == 1)
        .group_by(Challenge.theme)
    )
    return Counter(dict(rows.all()))


def _table(
    names: Any, offered: Iterable[Offered], keys: Callable[[Offered], Iterable[Any]], wanted: Any = None
) -> list[Line]:
    lines = {key: Line(name, wanted=None if wanted is None else wanted[key]) for key, name in names.items()}
    for each in offered:
        for key in keys(each):
            lines[key].add(each)
    return list(lines.values())


def _boroughs(offered: Sequence[Offered]) -> list[Line]:
    """Those in which there is something, the most places first."""
    names = {each.borough: each.borough for each in sorted(offered, key=lambda each: each.borough)}
    lines = _table(names, offered, lambda each: [each.borough])
    return sorted(lines, key=lambda line: (-line.places, line.name))


def _thin(found: Coverage) -> list[str]:
    """Where there is less than is wanted, in words; the gravest first."""
    said = [
        f"{line.name} has {count(line.places, 'place')} for {found.said(line.wanted)} students."
        for line in found.levels
        if found.is_short(line)
    ]
    said += [f"{line.name} has no open challenge{_coming(line)}." for line in found.areas if not line.challenges]
    said += [
        f"{line.name} has {count(line.places, 'place')}, and {found.said(line.wanted)} students put it first."
        for line in found.areas
        if line.challenges and found.is_short(line)
    ]
    return said


def _coming(line: Line) -> str:
    return f"; {count(line.coming, 'is', 'are')} being prepared" if line.coming else ""
