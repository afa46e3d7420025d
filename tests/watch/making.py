"""Warnings, and what was done about them."""

from datetime import date, datetime
from typing import Any

from placements.cohorts.models import Enrolment
from placements.logbook.workflow import EntryState
from placements.people.models import Person
from placements.placing.models import Placement
from placements.watch.models import EarlyWarning, WarningAction
from placements.watch.rules import Act, Kind
from tests import factories as make
from tests.factories.base import DAY, NOW, add, number

WEDNESDAYS = 4  # bit a day, Monday lowest


def placed(**said: Any) -> Placement:
    """On placement since Monday 5 October, on Wednesdays; agreed, and with 3½ hours on each of the two so far."""
    visits = said.pop("visits", [date(2026, 10, 7), date(2026, 10, 14)])
    state = said.pop("entries", EntryState.CONFIRMED)
    at = make.challenge(make.organisation(approved_until=said.pop("approved_until", None)), days=WEDNESDAYS)
    placement = make.placement(said.pop("of", None) or make.enrolment(**said.pop("enrolled", {})), at, **said)
    make.agreement(placement)
    for day in visits:
        make.entry(placement, on=day, state=state, submitted_at=datetime.combine(day, NOW.timetz()))
    return placement


def warning(of: Placement | Enrolment, kind: Kind = Kind.SILENT, **said: Any) -> EarlyWarning:
    """One about a placement, or about a student without any."""
    placement = of if isinstance(of, Placement) else None
    said = {
        "is_urgent": False,
        "since_on": date(2026, 10, 7),
        "why": "Nothing has been logged since Wed 7 Oct 2026.",
        "due_on": date(2026, 10, 22),
        "opened_at": NOW - 2 * DAY,
        **said,
    }
    enrolment = placement.enrolment if placement else of
    return add(EarlyWarning(kind=kind, enrolment=enrolment, placement=placement, **said))


def action(about: EarlyWarning, by: Person, words: str = "We spoke on the phone.", **said: Any) -> WarningAction:
    said = {"act": Act.TALKED, "quiet_until": date(2026, 10, 19), "at": NOW - DAY, **said}
    return add(WarningAction(form_key=f"act-{next(number)}", warning=about, by=by, words=words, **said))
