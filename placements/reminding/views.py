"""Pages of what we write to people: every notice, a run's own ways, and a day seen ahead."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, request, url_for

from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import run_of
from placements.core.clock import today
from placements.core.policy import Principal
from placements.mail.notices import notices
from placements.mail.wording import words_of
from placements.reminding import actions, forms, queries
from placements.reminding.gaps import usual_words, with_gaps
from placements.reminding.queries import Listed
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, page_of, paging
from placements.web.site import now, site, who

reminding = Area("reminding", __name__)


def listed_of(_who: Principal, notice: str) -> Listed | None:
    """The notice of that name."""
    return queries.listed_one(notice)


def own_of(who: Principal, public_id: str, notice: str) -> "OwnWay | None":
    """How a run that one sees says the notice of that name; None for one that is about no run."""
    run = run_of(who, public_id)
    listed = queries.listed_one(notice, run) if run else None
    return OwnWay(run, listed) if run and listed else None


class OwnWay:
    """A run, and how it says one thing."""

    def __init__(self, run: ModuleRun, listed: Listed) -> None:
        self.run, self.listed = run, listed
        self.run_id, self.state = run.id, run.state


@reminding.get("/notices", can="reminding.registry")
def registry() -> Any:
    """Everything that we write to people, and why."""
    return page(**_found(queries.listed(), forms.AllFilters()))


@reminding.get("/notices/<notice>", can="reminding.notice", of=listed_of)
def notice(listed: Listed) -> Any:
    """One of them, as it reads."""
    subject, text = with_gaps(listed.notice)
    return page(listed=listed, subject=subject, text=text)


@reminding.get("/runs/<public_id>/notices", can="reminding.run", of=run_of)
def run(run: ModuleRun) -> Any:
    """What a run says, and what of it is its own way."""
    may_edit = site().abilities["reminding.edit"](who(), run, now())
    return page(run=run, may_edit=may_edit, **_found(queries.listed(run), forms.RunFilters()))


def _found(listed: Sequence[Listed], filters: forms.AllFilters) -> dict[str, Any]:
    """What both lists show."""
    asked = filters.values()
    found = queries.found_among(listed, asked["q"], asked["show"])
    shown = page_of(found)
    is_ahead = site().abilities["reminding.ahead"](who(), None, now())
    return {"filters": filters, "listed": shown, "paging": paging(len(shown), len(found)), "looks_ahead": is_ahead}


@reminding.form("/runs/<public_id>/notices/<notice>", can="reminding.edit", of=own_of)
def edit(own: OwnWay) -> Any:
    """Say it otherwise: whether, when and in which words; and see how that reads before it is saved."""
    form = forms.EditForm.of(own.listed)
    is_preview = request.form.get("act") == "preview"
    if form.accepted() and not is_preview:
        actions.say_own_way(own.run, own.listed, **form.typed(), actor=who(), now=now())
        flash("Saved. From now on it is said so.", "success")
        return redirect(url_for("reminding.run", public_id=own.run.public_id))
    shown = replace(own.listed, own=form.as_own()) if request.method == "POST" and not form.errors else own.listed
    subject, text, person = queries.reads(shown, own.run, now())
    return page(
        form=form,
        run=own.run,
        listed=own.listed,
        is_preview=shown is not own.listed,
        subject=subject,
        text=text,
        person=person,
        usual=usual_words(own.listed.notice),
    )


@reminding.post("/runs/<public_id>/notices/<notice>/restore", can="reminding.restore", of=own_of)
def restore(own: OwnWay) -> Any:
    """Say it as usual again."""
    actions.restore(own.run, own.listed.notice, actor=who(), now=now())
    flash("It is said as usual again.", "success")
    return redirect(url_for("reminding.run", public_id=own.run.public_id))


@reminding.form("/mail-ahead", can="reminding.ahead")
def ahead() -> Any:
    """Who will be written to on a day, why, and what would stop it."""
    day = _day_asked()
    form = forms.DayForm(data={"day": day})
    if form.accepted():
        actions.ask(form.day.data, now=now())
        return redirect(url_for("reminding.ahead", day=form.day.data.isoformat()))
    forecast = queries.forecast_of(day)
    lines, count = queries.lines_of(who(), day, PAGE_SIZE, page_number())
    return page(
        form=form,
        day=day,
        forecast=forecast,
        lines=lines,
        paging=paging(len(lines), count),
        said=lambda name: words_of(notices()[name]) if name in notices() else None,
    )


def _day_asked() -> date:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return today(now()) + timedelta(days=1)
