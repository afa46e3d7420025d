"""“What would it cost?” for module leaders: asking, reading the answer, making it so."""

from collections.abc import Sequence
from typing import Any, TypeVar

from flask import abort, flash, redirect, request, url_for

from placements.allocation import change_forms, comparing, results, trials
from placements.allocation.adjustments import Wanted
from placements.allocation.inputs import round_key, students_of
from placements.allocation.models import Attempt
from placements.allocation.queries import seen_attempt, seen_trial
from placements.allocation.student_views import allocation
from placements.allocation.workflow import AttemptState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.partners.policy import has_no_side
from placements.solver.changes import Change, Kind
from placements.solver.instance import Instance
from placements.web.area import page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

Row = TypeVar("Row")


@allocation.form("/rounds/attempts/<public_id>/ask-about-a-student", can="allocation.ask_student", of=seen_attempt)
def ask_student(attempt: Attempt) -> Any:
    """Find a student, then ask what placing them in a challenge, or keeping them out of it, would cost."""
    instance = results.frozen_inputs(attempt)
    levels = {each.key: each.level for each in instance.students}
    students = [each for each in students_of(attempt.round) if round_key(attempt.round, each) in levels]
    chosen = chosen_of(students)
    if chosen is None:
        return find_student(students, attempt=attempt)
    key = round_key(attempt.round, chosen)
    ranks = next({each.challenge: each.rank for each in one.options} for one in instance.students if one.key == key)
    form = change_forms.AskStudentForm()
    form.offer(_challenges(instance, levels[key]), ranks)
    if form.accepted():
        return _asked(attempt, Change(form.what.data, form.challenge.data, student=key))
    return page(attempt=attempt, form=form, chosen=chosen)


@allocation.form("/rounds/attempts/<public_id>/ask-about-places", can="allocation.ask_places", of=seen_attempt)
def ask_places(attempt: Attempt) -> Any:
    """Ask what more or fewer places in a challenge would change."""
    form = change_forms.AskPlacesForm()
    form.offer(_challenges(results.frozen_inputs(attempt)), {})
    if form.accepted():
        return _asked(attempt, Change(Kind.PLACES, form.challenge.data, number=form.number.data))
    return page(attempt=attempt, form=form)


@allocation.get("/rounds/trials/<public_id>", can="allocation.trial", of=seen_trial)
def trial(trial: Attempt) -> Any:
    """What a change would cost, line by line, and who would move."""
    wanted, base = comparing.wanted_by(trial), trial.base
    if trial.state is not AttemptState.SOLVED or base is None:
        return page(trial=trial, base=base, wanted=wanted, attempt=trial)
    moved = comparing.movers(base, trial)
    shown = page_of(moved)
    return page(
        trial=trial,
        base=base,
        wanted=wanted,
        differences=comparing.differences(base, trial),
        moved=len(moved),
        movers=shown,
        paging=paging(len(shown), len(moved)),
        may_adopt=site().abilities["allocation.adopt"](who(), trial, now()) and all(map(_has_no_side, wanted)),
    )


@allocation.form("/rounds/trials/<public_id>/make-it-so", can="allocation.adopt", of=seen_trial)
def adopt(trial: Attempt) -> Any:
    """Make the change so, with a reason, and run the round again."""
    form = change_forms.ReasonForm()
    if form.accepted():
        trials.adopt(trial, form.reason.data, actor=who(), now=now())
        flash("It is so from now on. The allocation is being worked out again.", "success")
        return redirect(url_for("allocation.show", public_id=trial.round.public_id))
    return page(form=form, trial=trial, wanted=comparing.wanted_by(trial))


def _asked(base: Attempt, change: Change) -> Any:
    asked = trials.ask(base, [change], actor=who(), now=now())
    return redirect(url_for("allocation.trial", public_id=asked.public_id))


def _challenges(instance: Instance, level: int | None = None) -> Sequence[Challenge]:
    """The challenges of those inputs, for that level, which `who` has no side in."""
    known = [each.id for each in instance.challenges if level is None or level in each.levels]
    return [each for each in results.by_public_id(known).values() if has_no_side(who(), each.organisation_id)]


def _has_no_side(wanted: Wanted) -> bool:
    return wanted.owner is None or has_no_side(who(), wanted.owner.id)


def chosen_of(students: Sequence[Enrolment]) -> Enrolment | None:
    """The student whom the address names; None where it names none. 404 where it names another."""
    asked = request.args.get("student")
    if not asked:
        return None
    return next((each for each in students if each.public_id == asked), None) or abort(404)


def find_student(students: Sequence[Enrolment], **context: Any) -> Any:
    """The endpoint's page with a search and a page of those found, instead of its form."""
    search = change_forms.FindStudent()
    words = (search.values()["q"] or "").casefold().split()
    found = [each for each in students if all(word in each.person.name.casefold() for word in words)]
    shown = page_of(found)
    return page(search=search, students=shown, paging=paging(len(shown), len(found)), **context)


def page_of(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of the page that is asked for."""
    first = PAGE_SIZE * (page_number() - 1)
    return rows[first : first + PAGE_SIZE]
