"""The first page after signing in, and the pages that gather what many areas know: a placement, an organisation."""

from typing import Any

from flask import flash, redirect, url_for

from placements.attendance.queries import contacts_of, next_of, plan_of
from placements.challenges.models import Challenge
from placements.challenges.queries import challenge_of
from placements.clearance.queries import told_to_supervisor
from placements.core.clock import say_distance, say_when, today
from placements.feedback.rules import Occasion
from placements.history.queries import timeline
from placements.home import queries
from placements.home.organisations import record_of
from placements.home.outcomes import outcome_of
from placements.home.placement import story_of
from placements.home.placement_steps import approval_steps, steps
from placements.home.steps import Step
from placements.mail.reached import has_bounced, reach_of
from placements.partners.models import Organisation
from placements.partners.queries import organisation_of
from placements.placing.models import ENDED_BY, Placement
from placements.placing.policy import is_supervisor
from placements.placing.queries import people_to_ask, placement_visible_to
from placements.web.area import Area, page
from placements.web.site import now, site, who

VERBS = (  # on a placement, in the order of its page
    *("confirming.complete", "placing.change_dates", "placing.change_supervisor", "placing.change_tutor"),
    *("placing.pause", "placing.resume", "placing.move", "placing.call_off", "placing.end_early"),
    "concerns.report",
)

home = Area("home", __name__)


@home.get("/home", can="home.next_up")
def next_up() -> Any:
    """What needs this person next, by when; then the state of what they look after; then what happened."""
    looks = queries.looks_of(who(), now())
    shown = [_shown(step) for step in queries.next_steps(who(), looks)]
    return page(steps=shown, looks=looks, lately=queries.happened_lately(who()))


@home.get("/placements/<public_id>", can="home.placement", of=placement_visible_to)
def placement(placement: Placement) -> Any:
    """What is next, how far it has come, hours, papers, people; for organisation and engagement, who and when."""
    has_come = placement.starts_on <= today(now())
    if not _may("placing.people", placement):
        asked = approval_steps(placement, now()) if who().has("engagement") else ()
        return page(placement=placement, has_come=has_come, steps=[_shown(step) for step in asked])
    story = story_of(placement, who(), now())
    return page(
        placement=placement,
        has_come=has_come,
        story=story,
        steps=[_shown(step) for step in steps(story, who(), now())],
        log=_log_of(placement),
        expected=next_of(plan_of(placement), now()) if placement.goes_on else None,
        contacts=contacts_of(placement),
        may_ask_for_feedback=len(story.feedback) < len(Occasion) and _may("feedback.ask", placement),
        may_cancel=_may("attendance.add_day", placement),
        people=people_to_ask(who(), placement, now()),
        verbs=[verb for verb in VERBS if _may(verb, placement) and (verb != "confirming.complete" or story.is_enough)],
        may_export_case=_may("cases.student", placement),
        reads_checks=_may("clearance.checks", placement),
        helps=told_to_supervisor(placement) if is_supervisor(who(), placement, now()) else "",
        reads_reasons=_may("placing.read_reasons", placement),
        mail_misses=_whom_mail_misses(placement),
        leads=who().has("leader", placement.enrolment.run_id),
        is_own=_may("logbook.log", placement),
        ended_by=ENDED_BY,
        happened=timeline(placement, who(), now(), site().abilities),
    )


@home.get(
    "/challenges/<public_id>/outcome",
    can="home.outcome",
    of=lambda who, public_id: challenge_of(who, public_id, today(now())),
)
def outcome(challenge: Challenge) -> Any:
    """What came of a challenge: how many students it took on, and what they did."""
    may_refuse = site().abilities["offers.refuse"](who(), challenge, now())
    return page(challenge=challenge, outcome=outcome_of(challenge), may_refuse=may_refuse)


@home.get("/organisations/<public_id>", can="home.organisation", of=organisation_of)
def organisation(organisation: Organisation) -> Any:
    """Its record, places, people, and what happened; of one that became part of another, the other's."""
    if organisation.merged_into is not None:
        flash(f"{organisation.name} is part of this record now.")
        return redirect(url_for("home.organisation", public_id=organisation.merged_into.public_id))
    return page(**record_of(organisation, who(), now(), site().abilities))


def _may(ability: str, placement: Placement) -> bool:
    return site().abilities[ability](who(), placement, now())


def _whom_mail_misses(placement: Placement) -> bool:
    """Whether mail to its student comes back; told to its tutor and to whoever leads the run."""
    student_id = placement.enrolment.person_id
    return _may("placing.read_reasons", placement) and has_bounced(reach_of([student_id]), student_id)


def _log_of(placement: Placement) -> dict[str, str]:
    """The placement's log as whoever reads this may open it."""
    for ability, label in (("logbook.log", "Open your log"), ("reading.read", "Read the whole log")):
        if _may(ability, placement):
            return {"label": label, "url": url_for(ability, public_id=placement.public_id)}
    return {"label": "See what waits for you to confirm", "url": url_for("confirming.confirm")}


def _shown(step: Step) -> dict[str, Any]:
    return {
        "what": step.what,
        "who": step.who,
        "button": step.button,
        "url": url_for(step.endpoint, **step.values),  # type: ignore[arg-type]
        "by_said": say_when(step.by) if step.by else None,
        "iso": step.by.isoformat() if step.by else None,
        "far": say_distance(step.by, now()) if step.by else None,
        "is_late": step.by is not None and step.by < now(),
    }
