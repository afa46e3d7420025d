"""The page of closed days: bank holidays and the days on which the university is closed."""

from contextlib import suppress
from datetime import date
from itertools import groupby
from typing import Any

from flask import flash, redirect, request, url_for

from placements.cohorts import closing, queries
from placements.cohorts.closures import usual_closures
from placements.cohorts.rules import academic_year, academic_year_starting
from placements.cohorts.student_views import cohorts
from placements.core.clock import say_date, today
from placements.web import fields
from placements.web.area import page
from placements.web.filters import count
from placements.web.forms import Form
from placements.web.site import now, who


class ClosedDayForm(Form):
    """One more day on which nothing is expected."""

    refusals = {"pk_closed_day": ("day", "That day is closed already.")}

    day = fields.day("Day", missing="Enter the day", hint="For example, 24 12 2026")
    name = fields.text("What is it?", missing="Say what day it is", most=100, hint="For example, Christmas closure")


def _years() -> list[str]:
    """This academic year and the next two."""
    first = int(academic_year(today(now()))[:4])
    return [academic_year_starting(first + ahead) for ahead in range(3)]


def _to() -> Any:
    return redirect(url_for("cohorts.closed_days"))


@cohorts.form("/closed-days", can="cohorts.closed_days")
def closed_days() -> Any:
    """Every closed day by academic year, and a form for one more."""
    form = ClosedDayForm()
    if form.accepted():
        added = closing.close_days({form.day.data: form.name.data}, actor=who(), now=now())
        said = say_date(form.day.data)
        flash(f"{said} is closed." if added else f"{said} was closed already.", "success")
        return _to()
    known = queries.closures()
    years = [(year, list(days)) for year, days in groupby(known, key=lambda each: academic_year(each.day))]
    there = {each.day for each in known}
    return page(form=form, years=years, missing=[year for year in _years() if usual_closures(year).keys() - there])


@cohorts.post("/closed-days/usual", can="cohorts.close_usual_days")
def close_usual_days() -> Any:
    """Add England’s bank holidays and the Christmas closure of one academic year."""
    year = request.form.get("year")
    if year in _years():
        added = closing.close_days(usual_closures(year), actor=who(), now=now())
        flash(f"{count(added, 'closed day')} of {year} added." if added else "They were all there.", "success")
    return _to()


@cohorts.post("/closed-days/open", can="cohorts.open_day")
def open_day() -> Any:
    """Take one day off the list."""
    with suppress(ValueError):
        day = date.fromisoformat(request.form.get("day", ""))
        if closing.open_day(day, actor=who(), now=now()):
            flash(f"{say_date(day)} is a working day again.", "success")
    return _to()
