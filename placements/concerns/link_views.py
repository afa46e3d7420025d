"""Telling a concern without an account: a supervisor asks for a link, and tells it by the link. Routes begin here."""

from typing import Any

from flask import current_app, redirect, request, url_for

from placements.concerns import actions, forms, queries
from placements.concerns.queries import REPORT_BY_LINK, Asked, Choice
from placements.core.clock import today
from placements.core.policy import Principal
from placements.links.actions import link_of
from placements.web.area import PUBLIC, Area, page
from placements.web.forms import ConfirmForm
from placements.web.site import now

concerns = Area("concerns", __name__)


def first_words() -> dict[str, Any]:
    """What stands above every form: by when somebody owns it, and where harassment is reported instead."""
    settings = current_app.extensions["placements.settings"]
    return {"own_by": actions.would_be_owned_by(now()), "report_url": settings.report_url}


@concerns.form("/tell-us", can=PUBLIC, limit="20 per hour")
def ask_link() -> Any:
    """Ask for a link by mail; who has an account is told the other way."""
    form = forms.AskLinkForm()
    if form.accepted():
        actions.ask_link(form.email.data, now=now())
        return redirect(url_for("concerns.link_sent"))
    return page(form=form)


@concerns.get("/tell-us/sent", can=PUBLIC)
def link_sent() -> Any:
    """What happens next; the same whether or not anybody supervises at that address."""
    return page()


def asked(_who: Principal, token: str) -> Asked | None:
    """What a link to tell something by is about, whether or not it still works."""
    link = link_of(REPORT_BY_LINK, token)
    return queries.asked_by(link) if link else None


@concerns.form("/tell-us/<token>", can=PUBLIC, of=asked)
def report_by_link(asked: Asked) -> Any:
    """Tell it. GET changes nothing, whoever follows the link; once used, it says how far that is."""
    if not asked.works(now()):
        return page(form=ConfirmForm(), asked=asked, works=False, is_readable=asked.is_readable(now()))
    by_placement = {each.public_id: queries.whom_about(each, asked.link.holder_id, now()) for each in asked.placements}
    form = forms.ReportForm()
    form.offer(asked.placements, _all(by_placement), today(now()))
    if form.accepted():
        placement = next(each for each in asked.placements if "on" not in form or each.public_id == form.on.data)
        said = form.report(by_placement[placement.public_id])
        actions.report_by_link(asked, placement, said, form.form_key.data, now=now())
        return redirect(request.path)
    return page(form=form, asked=asked, works=True, **first_words())


def _all(by_placement: dict[str, list[Choice]]) -> list[Choice]:
    """Everybody whom it can be about on one of them, each once."""
    return list({each.value: each for choices in by_placement.values() for each in choices}.values())
