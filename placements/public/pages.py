"""What anybody may know of the module: the areas, the calendar, the results, the numbers. The routes begin here."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from placements.challenges import queries as challenges
from placements.challenges.queries import Search
from placements.challenges.rules import ABOUT_THEMES
from placements.cohorts.models import THEMES, RoleOnRun, RunRole, Theme
from placements.cohorts.models import ModuleRun as Run
from placements.cohorts.workflow import RunState
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.impact import queries as impact
from placements.impact.models import Result
from placements.people.models import Person
from placements.public.calendar import days_of, open_runs
from placements.public.forms import ResultFilters
from placements.public.numbers import FEWEST, numbers_so_far
from placements.web.area import PUBLIC, Area, page
from placements.web.lists import page_number, paging
from placements.web.site import now

CARDS = 6  # on the page of an area
CARDS_ON_A_PAGE = 24

public = Area("public", __name__)


@public.get("/module", can=PUBLIC, nav="The module")
def module() -> Any:
    """What it is, for how many hours, and how it is assessed; the hours are those of the runs that are open."""
    runs = open_runs()
    hours = {(run.code, run.level, run.minutes_target, run.minutes_minimum, run.minutes_ceiling): run for run in runs}
    return page(runs=list(hours.values()), themes=THEMES, about_themes=ABOUT_THEMES, slug=slug)


@public.get("/what-45-hours-can-do", can=PUBLIC)
def hours() -> Any:
    """What to expect of a student, and what not."""
    return page()


@public.get("/calendar", can=PUBLIC, nav="Calendar")
def calendar() -> Any:
    """The key dates of the runs that are open."""
    days = days_of(open_runs())
    to_come = [day for day in days if not day.is_over(now())]
    return page(to_come=to_come, over=[day for day in days if day not in to_come])


def area_of(_who: Principal, theme: str) -> Theme | None:
    """One of the six challenges by its address."""
    return next((each for each in Theme if slug(each) == theme), None)


def slug(theme: Theme) -> str:
    """An area as it stands in an address: “social-wealth”."""
    return theme.value.replace("_", "-")


@public.get("/areas/<theme>", can=PUBLIC, of=area_of)
def area(theme: Theme) -> Any:
    """What it is about, whom to ask, what can be done now, and what came of it."""
    found = challenges.search_published(challenges.live_now(today(now())), Search(theme=theme))
    rows, count = challenges.published_page(found, CARDS, 1)
    results, _ = impact.published_page(impact.published(theme), CARDS, 1)
    return page(
        theme=theme,
        name=THEMES[theme],
        about=ABOUT_THEMES[theme],
        champions=champions(theme),
        rows=rows,
        has_more=count > len(rows),
        results=results,
    )


def champions(theme: Theme) -> Sequence[Person]:
    """The champions of the area on the runs that are open, by name. One query."""
    held = (
        select(RoleOnRun.person_id)
        .join(Run, Run.id == RoleOnRun.run_id)
        .where(RoleOnRun.role == RunRole.CHAMPION, RoleOnRun.theme == theme, Run.state == RunState.OPEN)
    )
    found = select(Person).where(Person.id.in_(held)).order_by(Person.family_name, Person.given_name)
    return db.session.scalars(found).all()


@public.get("/results", can=PUBLIC, nav="What came of it")
def results() -> Any:
    """What organisations verified and agreed to show."""
    filters = ResultFilters()
    rows, count = impact.published_page(impact.published(**filters.values()), CARDS_ON_A_PAGE, page_number())
    return page(filters=filters, rows=rows, paging=paging(len(rows), count, CARDS_ON_A_PAGE))


def published_result(_who: Principal, public_id: str) -> Result | None:
    """A result that anybody may read."""
    return impact.published_result(public_id)


@public.get("/results/<public_id>", can=PUBLIC, of=published_result)
def result(result: Result) -> Any:
    """One of them."""
    return page(result=result)


@public.get("/numbers", can=PUBLIC)
def numbers() -> Any:
    """What it adds up to, and what each number counts."""
    return page(numbers=numbers_so_far(), fewest=FEWEST)
