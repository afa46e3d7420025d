"""Coverage, the map of boroughs, and what runs out."""

from typing import Any

from flask import request, url_for

from placements.cohorts.rules import academic_year
from placements.core.clock import say_date, today
from placements.reports import expiries as queries
from placements.reports import forms
from placements.reports.boroughs import COUNTED, map_of
from placements.reports.coverage import coverage_of, years
from placements.reports.expiries import Search, all_expiries, owners, span
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.sheets import csv_download
from placements.web.site import now, who

reports = Area("reports", __name__)


@reports.get("/coverage", can="reports.coverage", nav="Coverage")
def coverage() -> Any:
    """Challenges and places by level, area, mode and borough, against the students who want them."""
    known = years()
    filters = forms.YearFilters(known)
    year = filters.values()["year"] or _this_year(known)
    return page(filters=filters, year=year, coverage=coverage_of(who(), year, today(now())))


def _this_year(known: Any) -> str:
    """The current year where it has anything; or else the newest that has."""
    current = academic_year(today(now()))
    return current if current in known or not known else known[0]


@reports.get("/coverage/map", can="reports.boroughs")
def boroughs() -> Any:
    """The boroughs of London by what each has."""
    filters = forms.MapFilters()
    what = filters.values()["what"] or "organisations"
    return page(filters=filters, what=what, counted=COUNTED, map=map_of(what, today(now())))


def _asked(filters: forms.ExpiryFilters) -> Search:
    asked = filters.values()
    return Search(*span(asked["within"], today(now())), kind=asked["kind"], owner=asked["owner"])


@reports.get("/expiries", can="reports.expiries")
def expiries() -> Any:
    """What runs out soon, the soonest first."""
    filters = forms.ExpiryFilters(owners())
    rows, count = queries.expiries(_asked(filters), PAGE_SIZE, page_number())
    asked: dict[str, Any] = {field.name: request.args.get(field.name) for field in filters}
    export = url_for("reports.export_expiries", **asked)
    return page(filters=filters, rows=rows, paging=paging(len(rows), count), export=export)


@reports.get("/expiries.csv", can="reports.export_expiries")
def export_expiries() -> Any:
    """The same as a sheet, whole."""
    rows = all_expiries(_asked(forms.ExpiryFilters(owners())))
    header = ("Last day", "What", "Organisation", "Looked after by")
    lines = [(say_date(row.day), row.what, row.organisation, row.owner) for row in rows]
    return csv_download("What runs out", header, lines)
