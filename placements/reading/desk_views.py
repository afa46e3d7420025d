"""The week's reading, what is said of a visit, and the phrases kept for it. The area's routes begin here."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.confirming.rules import UNANSWERED_DAYS
from placements.logbook.ledger import WHY_NOT
from placements.logbook.models import Entry
from placements.logbook.queries import MODES, Logged
from placements.logbook.rules import SILENT_DAYS
from placements.reading import desk, fresh, queries
from placements.reading.forms import PhraseForm, SayForm
from placements.reading.models import CommentPhrase
from placements.reading.rules import ASKS, band_of
from placements.web.area import Area, page
from placements.web.filters import count
from placements.web.lists import page_number, paging
from placements.web.site import now, site, who

AT_ONCE = 5  # visits on one page of the week's reading

reading = Area("reading", __name__)


@reading.context_processor
def words() -> dict[str, Any]:
    """What every page about a logbook says alike."""
    return {
        "WHY_NOT": WHY_NOT,
        "MODES": MODES,
        "SILENT_DAYS": SILENT_DAYS,
        "ASKS": ASKS,
        "band_of": band_of,
        "UNANSWERED_DAYS": UNANSWERED_DAYS,
    }


@reading.get("/reading/week", can="reading.week")
def week() -> Any:
    """The visits that are new, unread first, a few at a time."""
    rows, total, unread = fresh.week(who(), now(), size=AT_ONCE, number=page_number())
    return page(rows=rows, unread=unread, paging=paging(len(rows), total, AT_ONCE), phrases=_phrases())


@reading.post("/reading/week/read", can="reading.week")
def mark_read() -> Any:
    """Mark the visits whose keys are posted as read."""
    read = fresh.keyed(who(), request.form.getlist("shown")[:AT_ONCE])
    desk.mark_read(read, actor=who(), now=now())
    flash(f"{count(len(read), 'visit')} marked as read.".capitalize(), "success")
    return redirect(url_for("reading.week"))


@reading.form("/log/<public_id>/say", can="reading.say", of=queries.entry_read_by)
def say(entry: Entry) -> Any:
    """Say something of a visit: one's own words, a phrase, or a question by one press."""
    form = SayForm()
    form.phrases = _phrases()
    if form.accepted():
        desk.say(entry, form.words, is_kept=form.is_kept.data, actor=who(), now=now())
        flash(f"Your comment is there, and {entry.placement.enrolment.person.name} has been told.", "success")
        return redirect(url_for("reading.week") if form.back.data == "week" else back_to(entry))
    return page(
        form=form,
        logged=Logged(entry, None),
        phrases=form.phrases,
        shows_reflections=site().abilities["logbook.read_reflections"](who(), entry, now()),
    )


def _phrases() -> dict[str, str]:
    return {each.public_id: each.text for each in fresh.phrases_of(who())}


def back_to(entry: Entry) -> str:
    """Where the visit stands in the whole logbook."""
    at = f"visit-{entry.public_id}"
    return url_for("reading.read", public_id=entry.placement.public_id, page=page_number(), _anchor=at)


@reading.form("/reading/phrases", can="reading.phrases")
def phrases() -> Any:
    """One's own phrases, and a new one."""
    form = PhraseForm()
    if form.accepted():
        desk.keep_phrase(form.text.data, actor=who())
        flash("Kept. You can choose it wherever you comment or grade.", "success")
        return redirect(url_for("reading.phrases"))
    return page(form=form, phrases=fresh.phrases_of(who()))


@reading.post("/reading/phrases/<public_id>/remove", can="reading.phrases", of=fresh.phrase_of)
def drop_phrase(phrase: CommentPhrase) -> Any:
    """Remove one of one's phrases."""
    desk.drop_phrase(phrase)
    flash("The phrase is removed. What you wrote with it stays.", "success")
    return redirect(url_for("reading.phrases"))
