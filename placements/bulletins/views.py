"""Pages of messages to many: the list, writing one step by step, what became of it, holding and stopping it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from placements.bulletins import actions, forms, queries
from placements.bulletins.models import Bulletin
from placements.bulletins.notices import notice_of, words_for
from placements.bulletins.rules import AUDIENCES, FILTERS, OF_A_RUN, RESULTS, Audience, placeholders_for, why_unwanted
from placements.core.clock import say_when
from placements.core.policy import Principal
from placements.history.queries import timeline
from placements.mail.asking import Said
from placements.mail.rendering import render
from placements.people.models import Person
from placements.web.area import Area, page
from placements.web.forms import ConfirmForm
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.sheets import csv_download
from placements.web.site import now, site, who

bulletins = Area("bulletins", __name__)

SHOWN = 10  # names on the page that is checked before sending: what it says and the button stand there too
VERBS = ("choose", "write", "send", "take_back", "discard", "hold", "go_on", "stop", "export")
Verb = Callable[..., None]


def _to(bulletin: Bulletin, verb: str = "bulletin") -> Response:
    return redirect(url_for(f"bulletins.{verb}", public_id=bulletin.public_id))


def _audiences(somebody: Principal) -> list[Audience]:
    of_runs = OF_A_RUN if somebody.has_any("leader") else ()
    return [*of_runs, *([Audience.PARTNERS] if somebody.has("engagement") else [])]


@bulletins.get("/messages", can="bulletins.messages", nav="Messages")
def messages() -> Any:
    """What was written to many, or is being written."""
    rows, count = queries.bulletins(who(), PAGE_SIZE, page_number())
    return page(rows=rows, paging=paging(len(rows), count), audiences=AUDIENCES)


@bulletins.form("/messages/begin", can="bulletins.begin")
def begin() -> Any:
    """Choose whom to write to."""
    form = forms.BeginForm(_audiences(who()), queries.runs_to_write_to(who()))
    if form.accepted():
        begun = actions.begin(form.to.data, form.run_id, form.form_key.data, actor=who(), now=now())
        return _to(begun, "choose" if FILTERS[begun.audience] else "write")
    return page(form=form, needs_run=who().has_any("leader"))


@bulletins.get("/messages/<public_id>", can="bulletins.bulletin", of=queries.bulletin_of)
def bulletin(bulletin: Bulletin) -> Any:
    """One message: how far it is, what became of each whom it goes to, what it says."""
    filters = forms.ResultFilters()
    wanted = filters.values()["result"]
    rows, count = queries.recipients_listed(bulletin, wanted, PAGE_SIZE, page_number())
    return page(
        bulletin=bulletin,
        audiences=AUDIENCES,
        said=forms.choose_form(bulletin).said(),
        can={verb: site().abilities[f"bulletins.{verb}"](who(), bulletin, now()) for verb in VERBS},
        filters=filters,
        results=queries.results(bulletin) if bulletin.begun_at else {},
        results_said=RESULTS,
        rows=rows,
        paging=paging(len(rows), count),
        happened=timeline(bulletin, who(), now(), site().abilities),
    )


@bulletins.form("/messages/<public_id>/audience", can="bulletins.choose", of=queries.bulletin_of)
def choose(bulletin: Bulletin) -> Any:
    """Narrow the audience."""
    form = forms.choose_form(bulletin)
    if form.accepted():
        actions.choose(bulletin, form.wanted, form.seen, actor=who(), now=now())
        return _to(bulletin, "send" if bulletin.is_written else "write")
    return page(form=form, bulletin=bulletin, audiences=AUDIENCES)


@bulletins.form("/messages/<public_id>/words", can="bulletins.write", of=queries.bulletin_of)
def write(bulletin: Bulletin) -> Any:
    """Write it. What is saved stays a draft until it is sent."""
    form = forms.WriteForm(bulletin)
    if form.accepted():
        actions.write(bulletin, form.subject.data, form.words.data, form.seen, actor=who(), now=now())
        return _to(bulletin, "send")
    return page(form=form, bulletin=bulletin, placeholders=placeholders_for(bulletin.audience))


@bulletins.form("/messages/<public_id>/send", can="bulletins.send", of=queries.bulletin_of)
def send(bulletin: Bulletin) -> Any:
    """Who gets it and how it reads; when to send it."""
    if not bulletin.is_written:
        return _to(bulletin, "write")
    form = forms.SendForm()
    form.now = now()
    if form.accepted():
        actions.send(bulletin, form.send_at, form.seen.data or "", actor=who(), now=now())
        flash(_sent(form.send_at), "success")
        return _to(bulletin)
    form.seen.data, count = queries.seen_of(bulletin)
    rows, _ = queries.people_in(bulletin, SHOWN, page_number())
    reader = queries.one_in(bulletin, request.args.get("as"))
    return page(
        form=form,
        bulletin=bulletin,
        audiences=AUDIENCES,
        said=forms.choose_form(bulletin).said(),
        results_said=RESULTS,
        rows=rows,
        count_all=count,
        paging=paging(len(rows), count, SHOWN),
        page_number=page_number(),
        reader=reader,
        mail=_mail(bulletin, reader) if reader else None,
        unwanted=why_unwanted(now()),
    )


def _mail(bulletin: Bulletin, reader: Person) -> dict[str, Any]:
    words = words_for(bulletin, reader)
    return {**words, "text": render([Said(notice_of(bulletin), words)], reader).text}


def _sent(at: datetime | None) -> str:
    return f"It is sent on {say_when(at)}." if at else "It is being sent. See below how far it is."


@bulletins.get("/messages/<public_id>/recipients.csv", can="bulletins.export", of=queries.bulletin_of)
def export(bulletin: Bulletin) -> Any:
    """Everybody whom it went or goes to, with their result, as a sheet."""
    header = ("Surname", "Forename", "Email", "Organisation", "Result", "When")
    rows = (
        (
            row.person.family_name,
            row.person.given_name,
            row.person.email,
            "; ".join(row.organisations),
            RESULTS[row.result] if row.result else "",
            say_when(row.recipient.settled_at) if row.recipient and row.recipient.settled_at else None,
        )
        for row in queries.every_recipient(bulletin)
    )
    return csv_download(f"Message {bulletin.subject}", header, rows)


def _pressed(form: ConfirmForm, bulletin: Bulletin, act: Verb, done: str) -> Response | None:
    """What the button did; None where it was not pressed."""
    if not form.accepted():
        return None
    act(bulletin, actor=who(), now=now())
    flash(done, "success")
    return _to(bulletin)


@bulletins.form("/messages/<public_id>/hold", can="bulletins.hold", of=queries.bulletin_of)
def hold(bulletin: Bulletin) -> Any:
    """Let nothing more of it leave for now."""
    form, done = ConfirmForm(), "It is held: nothing more of it leaves."
    return _pressed(form, bulletin, actions.hold, done) or page(form=form, bulletin=bulletin)


@bulletins.form("/messages/<public_id>/go-on", can="bulletins.go_on", of=queries.bulletin_of)
def go_on(bulletin: Bulletin) -> Any:
    """Let it go on."""
    form, done = ConfirmForm(), "It goes on."
    return _pressed(form, bulletin, actions.go_on, done) or page(form=form, bulletin=bulletin)


@bulletins.form("/messages/<public_id>/stop", can="bulletins.stop", of=queries.bulletin_of)
def stop(bulletin: Bulletin) -> Any:
    """End it for good."""
    form, done = ConfirmForm(), "It is stopped. Whoever was not written to never is."
    return _pressed(form, bulletin, actions.stop, done) or page(form=form, bulletin=bulletin)


@bulletins.form("/messages/<public_id>/take-back", can="bulletins.take_back", of=queries.bulletin_of)
def take_back(bulletin: Bulletin) -> Any:
    """Make it a draft again."""
    form, done = ConfirmForm(), "It is a draft again."
    return _pressed(form, bulletin, actions.take_back, done) or page(form=form, bulletin=bulletin)


@bulletins.form("/messages/<public_id>/discard", can="bulletins.discard", of=queries.bulletin_of)
def discard(bulletin: Bulletin) -> Any:
    """Throw a draft away."""
    form = ConfirmForm()
    if form.accepted():
        actions.discard(bulletin, actor=who(), now=now())
        flash("The draft is discarded.", "success")
        return redirect(url_for("bulletins.messages"))
    return page(form=form, bulletin=bulletin)
