"""Preparing rounds, for module leaders; locks, for tutors too."""

from typing import Any

from flask import flash, redirect, url_for

from placements.applications.rules import RANKS
from placements.clearing.choosing import candidates_before_a_round
from placements.cohorts.models import Enrolment
from placements.offers.queries import open_places
from placements.rounds import actions, entrants, forms, locking, queries, repairing
from placements.rounds.models import Lock, Round
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, page_of, paging
from placements.web.site import now, site, who

rounds = Area("rounds", __name__)


@rounds.get("/rounds", can="rounds.overview", nav="Allocation")
def overview() -> Any:
    """The rounds of the runs that one leads."""
    found, count = queries.rounds(who(), PAGE_SIZE, page_number())
    return page(rounds=found, paging=paging(len(found), count))


@rounds.form("/rounds/new", can="rounds.open_round")
def open_round() -> Any:
    """Open a round, once choices have closed."""
    form = forms.OpenRoundForm(queries.runs_to_allocate(who()))
    if form.accepted():
        chosen = [form.known[key] for key in form.runs.data]
        opened = actions.open_round(form.form_key.data, form.name.data, chosen, actor=who(), now=now())
        flash("The round is open. Its seed is drawn.", "success")
        return redirect(url_for("allocation.show", public_id=opened.public_id))
    return page(form=form)


@rounds.get("/rounds/<public_id>/students", can="rounds.students", of=queries.seen_round)
def students(round: Round) -> Any:
    """Who is in the round and who is not, and why."""
    field = entrants.field_of(round, now())
    rows = [*field.outsiders, *field.entrants]
    shown = page_of(rows)
    return page(round=round, field=field, rows=shown, paging=paging(len(shown), len(rows)))


@rounds.get("/rounds/<public_id>/places", can="rounds.places", of=queries.seen_round)
def places(round: Round) -> Any:
    """The challenges that the round can place students in, and what is left of each."""
    field = entrants.field_of(round, now())
    rows = [(challenge, field.room(challenge)) for challenge in field.challenges]
    shown = page_of(rows)
    may_adjust = site().abilities["changes.adjust"](who(), round, now())
    return page(round=round, field=field, rows=shown, paging=paging(len(shown), len(rows)), may_adjust=may_adjust)


@rounds.post("/rounds/<public_id>/repair", can="rounds.repair", of=queries.seen_round)
def repair(round: Round) -> Any:
    """Mend a published round where something came to nothing or became free."""
    opened = repairing.open_repair(round, actor=who(), now=now())
    return redirect(url_for("allocation.show", public_id=opened.public_id))


@rounds.form("/rounds/<public_id>/discard", can="rounds.discard", of=queries.seen_round)
def discard(round: Round) -> Any:
    """End the round without telling anybody anything."""
    form = forms.DiscardForm()
    if form.accepted():
        actions.discard(round, form.reason.data, actor=who(), now=now())
        flash("The round is discarded. Nobody was told anything.", "success")
        return redirect(url_for("rounds.overview"))
    return page(form=form, round=round)


@rounds.get("/locks", can="rounds.locks")
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


@rounds.form("/locks/students/<public_id>", can="rounds.lock", of=queries.seen_student)
def lock(enrolment: Enrolment) -> Any:
    """Fix a student to a challenge in the next round."""
    counted = queries.taken_or_locked(enrolment.run.academic_year)
    places = candidates_before_a_round(enrolment, open_places(enrolment, counted, who(), now()), who())
    form = forms.LockForm([each for each in places if not each.is_refused])
    if form.accepted():
        challenge = form.known[form.picked]
        locking.lock_pair(enrolment, challenge, form.reason.data, actor=who(), now=now())
        flash(f"{enrolment.person.name} is locked to {challenge.title} in the next round.", "success")
        return redirect(url_for("rounds.locks"))
    return page(form=form, enrolment=enrolment, places=places, ranks=RANKS)


@rounds.form("/locks/<public_id>/undo", can="rounds.undo_lock", of=queries.seen_lock)
def undo_lock(lock: Lock) -> Any:
    """Let the next round place the student freely again."""
    form = forms.UndoForm()
    if form.accepted():
        locking.undo_lock(lock, form.reason.data, actor=who(), now=now())
        flash(f"The lock for {lock.enrolment.person.name} is undone.", "success")
        return redirect(url_for("rounds.locks"))
    return page(form=form, lock=lock)
