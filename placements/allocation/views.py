"""A round from its first attempt to its publication, for module leaders; why one has one's place, for students."""

from collections import Counter
from datetime import date
from typing import Any

from flask import flash, redirect, url_for

from placements.allocation import actions, asked, explained, forms, groups, queries, results
from placements.allocation.models import Attempt, Match
from placements.allocation.preparing import preparation
from placements.allocation.why import TO_STAFF, WORDS
from placements.allocation.workflow import AttemptState
from placements.applications.rules import WHY_UNSUITABLE
from placements.cohorts.models import Enrolment, ModuleRun
from placements.history.queries import timeline
from placements.offers.queries import open_places
from placements.offers.rules import last_clearing_date
from placements.rounds.entrants import ranks_of
from placements.rounds.models import Round
from placements.rounds.queries import GOING_ON, seen_round
from placements.rounds.rules import GOOD_ENOUGH
from placements.rounds.workflow import RoundState
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, page_of, paging
from placements.web.site import now, site, who

VERBS = ("allocation.run", "allocation.publish", "rounds.repair", "rounds.discard", "changes.adjust")

allocation = Area("allocation", __name__)


@allocation.get("/rounds/<public_id>", can="allocation.show", of=seen_round)
def show(round: Round) -> Any:
    """How a round stands, its attempts, and what to do next."""
    attempts, is_published = queries.attempts_of(round), round.state is RoundState.PUBLISHED
    return page(
        round=round,
        attempts=attempts,
        stands=preparation(round, attempts, who(), now()) if round.state in GOING_ON else None,
        profile=results.profile_of_round(round) if is_published else None,
        answers=results.answers(round) if is_published else {},
        compared=results.compared(attempts),
        waiting=[each for each in attempts if each.state in actions.WAITING],
        solved=[each for each in attempts if each.state is AttemptState.SOLVED],
        good_enough=GOOD_ENOUGH[round.threshold],
        may=_may(round),
        happened=timeline(round, who(), now(), site().abilities),
    )


def _may(round: Round) -> dict[str, bool]:
    return {name.partition(".")[2]: site().abilities[name](who(), round, now()) for name in VERBS}


@allocation.post("/rounds/<public_id>/run", can="allocation.run", of=seen_round)
def run(round: Round) -> Any:
    """Freeze the inputs and hand them to the worker."""
    attempt = actions.run(round, actor=who(), now=now())
    return redirect(url_for("allocation.attempt", public_id=attempt.public_id))


@allocation.get("/rounds/attempts/<public_id>", can="allocation.attempt", of=queries.seen_attempt)
def attempt(attempt: Attempt) -> Any:
    """How far an attempt is, and what came out."""
    if attempt.state is not AttemptState.SOLVED:
        return page(attempt=attempt)
    result, found = results.result_of(attempt), results.outcomes(attempt)
    shown = page_of(found)
    return page(
        attempt=attempt,
        result=result,
        profile=results.profile_of_result(result),
        lines=results.lines_of(attempt),
        not_running=results.not_running(attempt),
        outcomes=shown,
        paging=paging(len(shown), len(found)),
        panel=groups.panel_of_attempt(found),
        asked=asked.asked_of(attempt),
        may_stage=site().abilities["allocation.stage"](who(), attempt, now()),
        may_ask=site().abilities["changes.ask_student"](who(), attempt, now()),
    )


@allocation.post("/rounds/attempts/<public_id>/stage", can="allocation.stage", of=queries.seen_attempt)
def stage(attempt: Attempt) -> Any:
    """Make this attempt's placing the one to look through and publish."""
    actions.stage(attempt, actor=who(), now=now())
    flash("The matches are staged. Nobody has been told anything yet.", "success")
    return redirect(url_for("allocation.matches", public_id=attempt.round.public_id))


@allocation.get("/rounds/<public_id>/matches", can="allocation.matches", of=seen_round)
def matches(round: Round) -> Any:
    """The staged or published matches, one student a line."""
    found, count = queries.matches(round, PAGE_SIZE, page_number())
    return page(
        round=round,
        matches=found,
        paging=paging(len(found), count),
        profile=results.profile_of_round(round),
        panel=groups.panel_of_round(round),
        may=_may(round),
        is_staged=round.state is RoundState.STAGED,
    )


@allocation.get("/rounds/matches/<public_id>/reasons", can="allocation.reasons_of", of=queries.seen_match)
def reasons_of(match: Match) -> Any:
    """Why one student is at none of the choices they ranked higher, and what each would have cost the others."""
    return page(match=match, costs=explained.costs_of(match), says=TO_STAFF)


@allocation.form("/rounds/matches/<public_id>/override", can="allocation.override", of=queries.seen_match)
def override(match: Match) -> Any:
    """Place one student elsewhere by hand, seeing what it costs."""
    ranks = ranks_of(match.enrolment)
    places = open_places(match.enrolment, queries.taken_by_matches(match.round, but=match), who(), now())
    form = forms.OverrideForm([place for place in places if place.challenge.id != match.challenge_id], ranks)
    before = results.profile_of_round(match.round)
    if form.accepted():
        actions.override(match, form.known[form.challenge.data], form.reason.data, actor=who(), now=now())
        after = results.profile_of_round(match.round)
        flash(
            f"{match.enrolment.person.name} is moved. Placed: {before.placed} before, {after.placed} now. "
            f"Total rank: {before.total_rank} before, {after.total_rank} now.",
            "success",
        )
        return redirect(url_for("allocation.matches", public_id=match.round.public_id))
    return page(form=form, match=match, profile=before)


@allocation.form("/rounds/<public_id>/publish", can="allocation.publish", of=seen_round)
def publish(round: Round) -> Any:
    """Choose the dates, check who will be told what, and publish."""
    form = forms.PublishForm(now())
    is_checked = form.accepted()
    if is_checked and form.step.data == "publish":
        actions.publish(round, form.deadline, form.clearing_by_on.data, actor=who(), now=now())
        flash("The round is published. Everybody whom it concerns is being told by email.", "success")
        return redirect(url_for("allocation.show", public_id=round.public_id))
    matches = queries.all_matches(round)
    changes = results.changes_of(matches)
    placed = [match.enrolment_id for match in matches if match.challenge_id is not None]
    waiting = [*queries.without_a_place(round, placed), *(match.enrolment for match in changes.lost)]
    owners = Counter(map(_owner, waiting))
    return page(
        form=form,
        round=round,
        is_checked=is_checked,
        changes=changes,
        profile=results.profile_of_round(round),
        owners=sorted(owners.items()),
        to_clearing=owners.total(),
        seen_to=_seen_to(round, form.clearing_by_on.data) if is_checked else [],
    )


def _seen_to(round: Round, by_on: date) -> list[tuple[ModuleRun, date]]:
    """By when those of each run are seen to: by that date, or earlier where their run has placed everybody by then."""
    return [(run, min(by_on, last_clearing_date(run.placed_by, now()))) for run in round.runs]


def _owner(enrolment: Enrolment) -> str:
    return enrolment.group.tutor.name if enrolment.group.tutor else "the module leader"


@allocation.get("/why", can="allocation.why")
def why() -> Any:
    """Why one has the place that one has, or none; and what happens next."""
    return page(mine=explained.mine(who()), words=WORDS, unsuitable=WHY_UNSUITABLE)
