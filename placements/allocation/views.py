"""Rounds for module leaders, from opening to publication; locks for tutors and module leaders."""

from collections import Counter
from datetime import date
from typing import Any

from flask import flash, redirect, url_for

from placements.allocation import (
    actions,
    comparing,
    explained,
    forms,
    groups,
    inputs,
    locking,
    queries,
    repairing,
    repairs,
    results,
)
from placements.allocation.change_forms import GOOD_ENOUGH
from placements.allocation.change_views import allocation
from placements.allocation.models import Attempt, Lock, Match, Round
from placements.allocation.preparing import preparation
from placements.allocation.trial_views import page_of
from placements.allocation.why import TO_STAFF
from placements.allocation.workflow import AttemptState, RoundState
from placements.applications.rules import RANKS
from placements.clearing.choosing import candidates_before_a_round
from placements.cohorts.models import Enrolment, ModuleRun
from placements.history.queries import timeline
from placements.offers.queries import open_places
from placements.offers.rules import last_clearing_date
from placements.web.area import page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

VERBS = ("run", "publish", "repair", "discard", "adjust")


@allocation.get("/rounds", can="allocation.rounds", nav="Allocation")
def rounds() -> Any:
    """The rounds of the runs that one leads."""
    found, count = queries.rounds(who(), PAGE_SIZE, page_number())
    return page(rounds=found, paging=paging(len(found), count))


@allocation.form("/rounds/new", can="allocation.open_round")
def open_round() -> Any:
    """Open a round, once choices have closed."""
    form = forms.OpenRoundForm(queries.runs_to_allocate(who()))
    if form.accepted():
        chosen = [form.known[key] for key in form.runs.data]
        opened = actions.open_round(form.form_key.data, form.name.data, chosen, actor=who(), now=now())
        flash("The round is open. Its seed is drawn.", "success")
        return redirect(url_for("allocation.show", public_id=opened.public_id))
    return page(form=form)


@allocation.get("/rounds/<public_id>", can="allocation.show", of=queries.seen_round)
def show(round: Round) -> Any:
    """Who is in the round and who is not, its attempts, and what to do next."""
    is_published = round.state is RoundState.PUBLISHED
    return page(
        round=round,
        stands=preparation(round, who(), now()) if round.state in queries.GOING_ON else None,
        profile=results.profile_of_round(round) if is_published else None,
        answers=results.answers(round) if is_published else {},
        compared=results.compared(round),
        waiting=[each for each in round.attempts if each.state in actions.WAITING],
        solved=[each for each in round.attempts if each.state is AttemptState.SOLVED],
        good_enough=GOOD_ENOUGH[round.threshold],
        may=_may(round),
        happened=timeline(round, who(), now(), site().abilities),
    )


@allocation.get("/rounds/<public_id>/students", can="allocation.students", of=queries.seen_round)
def students(round: Round) -> Any:
    """Who is in the round and who is not, and why."""
    field = inputs.field_of(round, now())
    rows = [*field.outsiders, *field.entrants]
    shown = page_of(rows)
    return page(round=round, field=field, rows=shown, paging=paging(len(shown), len(rows)))


@allocation.get("/rounds/<public_id>/places", can="allocation.places", of=queries.seen_round)
def places(round: Round) -> Any:
    """The challenges that the round can place students in, and what is left of each."""
    field = inputs.field_of(round, now())
    rows = [(challenge, field.room(challenge)) for challenge in field.challenges]
    shown = page_of(rows)
    return page(round=round, field=field, rows=shown, paging=paging(len(shown), len(rows)), may=_may(round))


def _may(round: Round) -> dict[str, bool]:
    return {verb: site().abilities[f"allocation.{verb}"](who(), round, now()) for verb in VERBS}


@allocation.post("/rounds/<public_id>/run", can="allocation.run", of=queries.seen_round)
def run(round: Round) -> Any:
    """Freeze the inputs and hand them to the worker."""
    attempt = actions.run(round, actor=who(), now=now())
    return redirect(url_for("allocation.attempt", public_id=attempt.public_id))


@allocation.post("/rounds/<public_id>/repair", can="allocation.repair", of=queries.seen_round)
def repair(round: Round) -> Any:
    """Mend a published round where something came to nothing or became free."""
    opened = repairing.open_repair(round, actor=who(), now=now())
    return redirect(url_for("allocation.show", public_id=opened.public_id))


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
        asked=comparing.asked_of(attempt),
        may_stage=site().abilities["allocation.stage"](who(), attempt, now()),
        may_ask=site().abilities["allocation.ask_student"](who(), attempt, now()),
    )


@allocation.post("/rounds/attempts/<public_id>/stage", can="allocation.stage", of=queries.seen_attempt)
def stage(attempt: Attempt) -> Any:
    """Make this attempt's placing the one to look through and publish."""
    actions.stage(attempt, actor=who(), now=now())
    flash("The matches are staged. Nobody has been told anything yet.", "success")
    return redirect(url_for("allocation.matches", public_id=attempt.round.public_id))


@allocation.get("/rounds/<public_id>/matches", can="allocation.matches", of=queries.seen_round)
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
    ranks = inputs.ranks_of(match.enrolment)
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


@allocation.form("/rounds/<public_id>/publish", can="allocation.publish", of=queries.seen_round)
def publish(round: Round) -> Any:
    """Choose the dates, check who will be told what, and publish."""
    form = forms.PublishForm(now())
    is_checked = form.accepted()
    if is_checked and form.step.data == "publish":
        actions.publish(round, form.deadline, form.clearing_by_on.data, actor=who(), now=now())
        flash("The round is published. Everybody whom it concerns is being told by email.", "success")
        return redirect(url_for("allocation.show", public_id=round.public_id))
    matches = queries.all_matches(round)
    changes = repairs.changes_of(matches)
    placed = [match.enrolment_id for match in matches if match.challenge_id is not None]
    waiting = [*inputs.without_a_place(round, placed), *(match.enrolment for match in changes.lost)]
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


@allocation.form("/rounds/<public_id>/discard", can="allocation.discard", of=queries.seen_round)
def discard(round: Round) -> Any:
    """End the round without telling anybody anything."""
    form = forms.DiscardForm()
    if form.accepted():
        actions.discard(round, form.reason.data, actor=who(), now=now())
        flash("The round is discarded. Nobody was told anything.", "success")
        return redirect(url_for("allocation.rounds"))
    return page(form=form, round=round)


@allocation.get("/locks", can="allocation.locks", nav="Locks")
def locks() -> Any:
    """Who is locked to what for the next round, and who could be."""
    form = forms.FindStudent()
    students, count = queries.waiting_students(who(), form.values()["q"], PAGE_SIZE, page_number())
    return page(
        locks=queries.standing_locks_seen(who()),
        students=students,
        paging=paging(len(students), count),
        form=form,
        me=who().person_id,
    )


@allocation.form("/locks/students/<public_id>", can="allocation.lock", of=queries.seen_student)
def lock(enrolment: Enrolment) -> Any:
    """Fix a student to a challenge in the next round."""
    counted = queries.taken_or_locked(enrolment.run.academic_year)
    places = candidates_before_a_round(enrolment, open_places(enrolment, counted, who(), now()), who())
    form = forms.LockForm([each for each in places if not each.is_refused])
    if form.accepted():
        challenge = form.known[form.picked]
        locking.lock_pair(enrolment, challenge, form.reason.data, actor=who(), now=now())
        flash(f"{enrolment.person.name} is locked to {challenge.title} in the next round.", "success")
        return redirect(url_for("allocation.locks"))
    return page(form=form, enrolment=enrolment, places=places, ranks=RANKS)


@allocation.form("/locks/<public_id>/undo", can="allocation.undo_lock", of=queries.seen_lock)
def undo_lock(lock: Lock) -> Any:
    """Let the next round place the student freely again."""
    form = forms.UndoForm()
    if form.accepted():
        locking.undo_lock(lock, form.reason.data, actor=who(), now=now())
        flash(f"The lock for {lock.enrolment.person.name} is undone.", "success")
        return redirect(url_for("allocation.locks"))
    return page(form=form, lock=lock)
