"""The pages of those who write a brief, and the list of all that one may see. The area's routes begin here."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectChoice

from placements.challenges import actions, forms, queries, rules
from placements.challenges.models import Challenge
from placements.challenges.publication import parts_of, supervisors_gone
from placements.challenges.queries import ListSearch
from placements.challenges.rules import QUESTIONS
from placements.challenges.versions import differences, last_sent
from placements.challenges.versions import versions as versions_of
from placements.challenges.workflow import EDITABLE
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.partners.models import Organisation
from placements.partners.queries import current_contacts, organisation_of, own_organisations, sites, survivor_of
from placements.vetting.rules import RISKS
from placements.web.area import Area, page
from placements.web.forms import Form
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

challenges = Area("challenges", __name__)


@challenges.context_processor
def words() -> dict[str, Any]:
    """What every page of the area calls the questions about a brief, and how high a risk is."""
    return {"QUESTIONS": QUESTIONS, "RISKS": RISKS}


def challenge_of(who: Principal, public_id: str) -> Challenge | None:
    """A challenge that `who` may see today."""
    return queries.challenge_of(who, public_id, today(now()))


def to_challenge(challenge: Challenge) -> BaseResponse:
    """On to the challenge's page; to the list, where it is not theirs to see any more."""
    if challenge_of(who(), challenge.public_id) is None:
        return redirect(url_for("challenges.overview"))
    return redirect(url_for("challenges.challenge", public_id=challenge.public_id))


@challenges.get("/challenges", can="challenges.overview", nav="Challenges")
def overview() -> Any:
    """Every challenge that one posts, reviews or oversees."""
    filters = forms.ChallengeFilters()
    search = ListSearch(**filters.values())
    asked = organisation_of(who(), search.organisation) if search.organisation else None
    if asked:
        filters.organisation.choices = [SelectChoice(asked.public_id, asked.name)]
    rows, count = queries.challenges(who(), search, today(now()), PAGE_SIZE, page_number())
    own = own_organisations(who()) if who().has_any("contact") else []
    may_start = [each for each in own if site().abilities["challenges.start"](who(), each, now())]
    return page(filters=filters, rows=rows, paging=paging(len(rows), count), own=own, may_start=may_start)


@challenges.form("/challenges/new/<public_id>", can="challenges.start", of=survivor_of)
def start(organisation: Organisation) -> Any:
    """Begin one: a title, an area, how the work is done, and where, if we do not know a place yet."""
    form = forms.StartForm(organisation, queries.open_years(today(now())), asks_for_place=not sites(organisation))
    if form.accepted():
        begun = actions.start(organisation, **form.facts(), actor=who(), now=now())
        flash("Your draft is saved. Now tell students about it.", "success")
        return redirect(url_for("challenges.edit", public_id=begun.public_id))
    return page(form=form, organisation=organisation)


@challenges.form("/challenges/<public_id>/edit", can="challenges.edit", of=challenge_of)
def edit(challenge: Challenge) -> Any:
    """Write it; it is saved however little is there."""
    form = forms.BriefForm(challenge, sites(challenge.organisation), current_contacts(challenge.organisation_id))
    typed = form.version.data or ""
    version = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
    if form.accepted():
        actions.edit(challenge, form.facts(challenge), version=version, actor=who(), now=now())
        flash("Your draft is saved.", "success")
        return _after_saving(challenge)
    is_stale = request.method == "POST" and version != challenge.version
    form.version.data = str(challenge.version)
    said = [each for each in queries.comments(challenge) if each.field]
    return page(form=form, challenge=challenge, is_stale=is_stale, parts=parts_of(challenge), said=said)


def _after_saving(challenge: Challenge) -> BaseResponse:
    """Where the button that was pressed leads."""
    for button in ("add_site", "add_contact"):
        if button in request.form:
            return redirect(url_for(f"partners.{button}", public_id=challenge.organisation.public_id))
    if "places" in request.form:
        return redirect(url_for("challenges.places", public_id=challenge.public_id))
    if "draft" in request.form:
        return to_challenge(challenge)
    return redirect(url_for("challenges.submit", public_id=challenge.public_id))


@challenges.form("/challenges/<public_id>/places", can="challenges.places", of=challenge_of)
def places(challenge: Challenge) -> Any:
    """Where else the same is offered: one place more, or one less."""
    form = forms.PlaceForm(sites(challenge.organisation), current_contacts(challenge.organisation_id))
    if form.accepted():
        removed = form.sites.get(request.form.get("remove", ""))
        if removed is not None:
            actions.remove_place(challenge, removed, actor=who(), now=now())
            flash(f"{removed.name} is taken away.", "success")
        else:
            if not (form.site.data and form.supervisor.data):
                raise Refused("Choose a place and who supervises there", "supervisor" if form.site.data else "site")
            chosen, person = form.sites[form.site.data], form.people[form.supervisor.data]
            actions.add_place(challenge, chosen, person, actor=who(), now=now())
            flash(f"{chosen.name} is added.", "success")
        return redirect(url_for("challenges.places", public_id=challenge.public_id))
    return page(form=form, challenge=challenge)


@challenges.form("/challenges/<public_id>/supervisor", can="challenges.name_supervisor", of=challenge_of)
def name_supervisor(challenge: Challenge) -> Any:
    """Say who supervises in the place of whoever has left."""
    form = forms.SupervisorForm(current_contacts(challenge.organisation_id))
    if form.accepted():
        named = form.people[form.supervisor.data]
        actions.name_supervisor(challenge, named, actor=who(), now=now())
        flash(f"{named.name} supervises the students from now on.", "success")
        return to_challenge(challenge)
    return page(form=form, challenge=challenge, gone=supervisors_gone(challenge))


@challenges.post("/challenges/<public_id>/reoffer", can="challenges.reoffer", of=challenge_of)
def reoffer(challenge: Challenge) -> Any:
    """Offer it again in the next year: everything is copied into a draft."""
    draft = actions.reoffer(challenge, actor=who(), now=now())
    if draft.state in EDITABLE:
        what = f"This is a draft for {draft.academic_year}. Change what is different, then send it for review."
        flash(what, "success")
    return to_challenge(draft)


@challenges.get("/challenges/<public_id>/versions", can="challenges.versions", of=challenge_of)
def versions(challenge: Challenge) -> Any:
    """Every version that was kept, and two of them compared: as it was last sent with what it is now, if unsaid."""
    kept = versions_of(challenge)
    asked = forms.VersionsAsked([each.version for each in kept])
    by_number = {str(each.version): each for each in kept}
    old = by_number.get(asked.old.data or "") or (last_sent(challenge, kept) if kept else None)
    new = by_number.get(asked.new.data or "") or (kept[0] if kept else None)
    asked.old.data, asked.new.data = (str(each.version) if each else None for each in (old, new))
    found = differences(old, new) if old and new else []
    return page(challenge=challenge, kept=kept, asked=asked, old=old, new=new, differences=found)


@challenges.get("/challenges/<public_id>/preview", can="challenges.preview", of=challenge_of)
def preview(challenge: Challenge) -> Any:
    """As students will see it."""
    return page(challenge=challenge)


@challenges.form("/challenges/<public_id>/submit", can="challenges.submit", of=challenge_of)
def submit(challenge: Challenge) -> Any:
    """Check the answers, then send it for review."""
    form = Form()  # one button
    if form.accepted():
        actions.submit(challenge, actor=who(), now=now())
        flash("Your challenge is sent. We have told whoever reviews it.", "success")
        return to_challenge(challenge)
    due = rules.review_due(now())
    return page(form=form, challenge=challenge, lacking=rules.missing(parts_of(challenge)), answer_by=due)
