"""Where students find challenges, keep and choose them, and say what they need. The area's routes begin here."""

from typing import Any
from urllib.parse import parse_qsl

from flask import flash, redirect, request, url_for

from placements.applications import actions, finding, queries, rules
from placements.applications.forms import FindFilters, NeedsForm
from placements.applications.queries import Mine
from placements.challenges.models import Challenge
from placements.core.policy import Principal
from placements.web.area import Area, page
from placements.web.lists import page_number, paging
from placements.web.site import now, who

LONGEST_QUERY = 500

applications = Area("applications", __name__)

Offered = tuple[Mine, Challenge]


def offered(who: Principal, public_id: str) -> Offered | None:
    """The student who chooses, with that challenge, where it is open to them."""
    mine = queries.mine(who)
    challenge = finding.open_challenge(mine.enrolment, public_id, now()) if mine else None
    return (mine, challenge) if mine and challenge else None


@applications.get("/find", can="applications.find", of=queries.mine, nav="Find challenges")
def find(mine: Mine) -> Any:
    """The challenges that suit the student, searched and filtered."""
    filters = FindFilters(mine.needs)
    found, count = finding.search(mine.enrolment, mine.limits, filters.wanted(), page_number(), now())
    return page(
        filters=filters,
        found=found,
        count=count,
        paging=paging(len(found), count, finding.PAGE_SIZE),
        asked=request.query_string.decode(),
        **_progress(mine),
    )


@applications.get("/find/<public_id>", can="applications.challenge", of=offered)
def challenge(offered: Offered) -> Any:
    """The whole brief of one of them."""
    mine, challenge = offered
    return page(found=finding.found(mine.enrolment, mine.limits, challenge), **_progress(mine))


def _progress(mine: Mine) -> dict[str, Any]:
    """How far the student has come with choosing, whether another can be added, and what they need."""
    shut = queries.why_shut(mine.enrolment, now())
    return {
        "enrolment": mine.enrolment,
        "draft": mine.draft,
        "needs": mine.needs,
        "shut": shut,
        "may_add": not shut and len(mine.draft.choices) < rules.MOST_CHOICES,
        "ranks": rules.RANKS,
    }


@applications.form("/needs", can="applications.needs", of=queries.mine)
def needs(mine: Mine) -> Any:
    """What the student needs, for their own eyes."""
    form = NeedsForm() if request.method == "POST" else NeedsForm.showing(mine.needs)
    if form.accepted():
        is_kept = actions.keep_needs(mine.enrolment, form.said(), actor=who(), now=now())
        flash("What you need is kept. Only you see it." if is_kept else "What you need is deleted.", "success")
        return redirect(url_for("applications.find"))
    return page(form=form)


@applications.post("/find/<public_id>/bookmark", can="applications.bookmark", of=offered)
def bookmark(offered: Offered) -> Any:
    """Keep a challenge in mind."""
    mine, challenge = offered
    actions.bookmark(mine.enrolment, challenge, actor=who(), now=now())
    return _back_to(challenge)


@applications.post("/find/<public_id>/remove-bookmark", can="applications.remove_bookmark", of=offered)
def remove_bookmark(offered: Offered) -> Any:
    """Let a bookmark go."""
    mine, challenge = offered
    actions.remove_bookmark(mine.enrolment, challenge, actor=who(), now=now())
    return _back_to(challenge)


@applications.post("/find/<public_id>/choose", can="applications.choose", of=offered)
def choose(offered: Offered) -> Any:
    """Add a challenge to one's choices, as the last."""
    mine, challenge = offered
    rank = actions.choose(mine.enrolment, challenge, actor=who(), now=now())
    flash(f"“{challenge.title}” is your {rules.RANKS[rank - 1]} choice. Nothing is submitted yet.", "success")
    return _back_to(challenge)


def _back_to(challenge: Challenge) -> Any:
    """Where the button was pressed: the whole brief, or its place in the list, filtered as it was (sent as `back`)."""
    if request.form.get("to") == "brief":
        return redirect(url_for("applications.challenge", public_id=challenge.public_id))
    sent = parse_qsl(request.form.get("back", "")[:LONGEST_QUERY])
    asked: dict[str, Any] = {name: value for name, value in sent if name in FindFilters.NAMES}
    return redirect(url_for("applications.find", **asked, _anchor=f"challenge-{challenge.public_id}"))
