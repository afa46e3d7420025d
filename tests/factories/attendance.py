"""Planned days, closures, visits and calls by the tutor."""

from datetime import date
from typing import Any

from placements.attendance.models import ContactKind, ContactPoint, HostClosedDay, PlannedDay
from placements.partners.models import Organisation
from placements.placing.models import Placement
from tests.factories.base import DAY, NOW, add, number


def planned_day(of: Placement, on: date, **said: Any) -> PlannedDay:
    return add(PlannedDay(placement=of, on=on, **said))


def host_closure(of: Organisation, from_on: date, to_on: date | None = None) -> HostClosedDay:
    return add(HostClosedDay(organisation=of, from_on=from_on, to_on=to_on or from_on))


def contact_point(of: Placement, **said: Any) -> ContactPoint:
    said = {"kind": ContactKind.VISIT, "at": NOW + 20 * DAY, "form_key": f"contact-{next(number)}", **said}
    return add(ContactPoint(placement=of, **said))
