"""“What would it cost?” for module leaders: asking, reading the answer, making it so; and changing a round outright."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for

from placements.allocation.asked import wanted_by
from placements.allocation.models import Attempt
from placements.allocation.queries import seen_attempt
from placements.allocation.results import by_public_id, frozen_inputs
from placements.allocation.workflow import AttemptState
from placements.challenges.models import Challenge
from placements.changes import actions, forms, queries, trials
from placements.cohorts.models import Enrolment
from placements.core.errors import Refused
from placements.partners.policy import has_no_side
from placements.rounds import entrants, inputs, suggesting
from placements.rounds.adjustments import Wanted
from placements.rounds.models import Adjustment, Round
from placements.rounds.queries import seen_round
from placements.solver.changes import Change, Kind
from placements.solver.instance import Instance
from placements.web.area import Area, page
from placements.web.lists import page_of, paging
from placements.web.site import now, site, who

changes = Area("changes", __name__)


@changes.form("/rounds/attempts/<public_id>/ask-about-a-student", can="changes.ask_student", of=seen_attempt)
def ask_student(attempt: Attempt) -> Any:
    """Find a student, then ask what placing them in a challenge, or keeping them out of it, would cost."""
    instance = frozen_inputs(attempt)
    levels = {each.key: each.level for each in instance.students}
    students = [each for each in entrants.students_of(attempt.round) if inputs.round_key(attempt.round, each) in levels]
    chosen = _chosen_of(students)
    if chosen is None:
        return _find_student(students, attempt=attempt)
    key = inputs.round_key(attempt.round, chosen)
    ranks = next({each.challenge: each.rank for each in one.options} for one in instance.students if one.key == key)
    form = forms.AskStudentForm()
    form.offer(_challenges(instance, levels[key]), ranks)
    if form.accepted():
        return _asked(attempt, Change(form.what.data, form.challenge.data, student=key))
    return page(attempt=attempt, form=form, chosen=chosen)


@changes.form("/rounds/attempts/<public_id>/ask-about-places", can="changes.ask_places", of=seen_attempt)
def ask_places(attempt: Attempt) -> Any:
    """Ask what more or fewer places in a challenge would change."""
    form = forms.AskPlacesForm()
    form.offer(_challenges(frozen_inputs(attempt)), {})
    if form.accepted():
        return _asked(attempt, Change(Kind.PLACES, form.challenge.data, number=form.number.data))
    return page(attempt=attempt, form=form)


@changes.get("/rounds/trials/<public_id>", can="changes.trial", of=queries.seen_trial)
def trial(trial: Attempt) -> Any:
    """What a change would cost, line by line, and who would move."""
    wanted, base = wanted_by(trial), trial.base
    if trial.state is not AttemptState.SOLVED or base is None:
        return page(trial=trial, base=base, wanted=wanted, attempt=trial)
    moved = queries.movers(base, trial)
    shown = page_of(moved)
    return page(
        trial=trial,
        base=base,
        wanted=wanted,
        differences=queries.differences(base, trial),
        moved=len(moved),
        movers=shown,
        paging=paging(len(shown), len(moved)),
        may_adopt=site().abilities["changes.adopt"](who(), trial, now()) and all(map(_has_no_side, wanted)),
    )


@changes.form("/rounds/trials/<public_id>/make-it-so", can="changes.adopt", of=queries.seen_trial)
def adopt(trial: Attempt) -> Any:
    """Make the change so, with a reason, and run the round again."""
    form = forms.ReasonForm()
    if form.accepted():
        trials.adopt(trial, form.reason.data, actor=who(), now=now())
        flash("It is so from now on. The allocation is being worked out again.", "success")
        return redirect(url_for("allocation.show", public_id=trial.round.public_id))
    return page(form=form, trial=trial, wanted=wanted_by(trial))


@changes.form("/rounds/<public_id>/change-places", can="changes.adjust", of=seen_round)
def adjust(round: Round) -> Any:
    """Give a challenge other places, another minimum or its organisation another limit in this round."""
    field = entrants.field_of(round, now())
    form = forms.AdjustForm()
    free = [each for each in field.challenges if has_no_side(who(), each.organisation_id)]
    form.offer(free, {}, request.args.get("challenge"))
    if form.accepted():
        challenge, kind = form.known[form.challenge.data], form.what.data
        about = {"organisation": challenge.organisation} if kind is Kind.CEILING else {"challenge": challenge}
        return _changed(round, [Wanted(kind, number=form.number.data, **about)], form.reason.data)
    rooms = {each.public_id: field.room(each) for each in free}
    return page(round=round, form=form, chosen=form.known.get(form.challenge.data), rooms=rooms)


@changes.form("/rounds/<public_id>/keep-apart", can="changes.keep_apart", of=seen_round)
def keep_apart(round: Round) -> Any:
    """Find a student, then keep them out of a challenge in this round."""
    field = entrants.field_of(round, now())
    students = [entrant.enrolment for entrant in field.entrants]
    chosen = _chosen_of(students)
    if chosen is None:
        return _find_student(students, round=round)
    form = forms.KeepApartForm()
    preferences = field.entrants[students.index(chosen)].preferences
    ranks = {each.challenge_id: each.rank for each in preferences}
    free = [each for each in field.challenges if each.suits(chosen.run.level)]
    free = [each for each in free if has_no_side(who(), each.organisation_id)]
    form.offer(free, {each.public_id: ranks[each.id] for each in free if each.id in ranks})
    if form.accepted():
        wanted = Wanted(Kind.FORBID, enrolment=chosen, challenge=form.known[form.challenge.data])
        return _changed(round, [wanted], form.reason.data)
    return page(round=round, form=form, chosen=chosen)


@changes.post("/rounds/adjustments/<public_id>/take-back", can="changes.take_back", of=queries.seen_adjustment)
def take_back(adjustment: Adjustment) -> Any:
    """Let the next run go without it."""
    actions.take_back(adjustment, actor=who(), now=now())
    flash("It is taken back. Run the allocation again to see what that changes.", "success")
    return redirect(url_for("allocation.show", public_id=adjustment.round.public_id))


@changes.post("/rounds/<public_id>/make-possible", can="changes.make_possible", of=seen_round)
def make_possible(round: Round) -> Any:
    """Make one of the changes that the round needs to be possible, or all of them."""
    needed = suggesting.suggested(round, entrants.field_of(round, now()))
    asked = request.form.get("change", "")
    wanted = [each for each in needed if asked in ("all", each.words)]
    if not wanted:
        raise Refused("This change is not needed any more. Go back to the round to see how it stands.")
    return _changed(round, wanted, suggesting.REASON)


@changes.form("/rounds/<public_id>/rule", can="changes.choose_rule", of=seen_round)
def choose_rule(round: Round) -> Any:
    """Choose which choices the usual rule takes for good enough, from the next run on."""
    form = forms.RuleForm(threshold=round.threshold)
    if form.accepted():
        actions.choose_rule(round, form.threshold.data, actor=who(), now=now())
        flash("The rule is chosen. The next run goes by it.", "success")
        return redirect(url_for("allocation.show", public_id=round.public_id))
    return page(round=round, form=form)


def _changed(round: Round, wanted: list[Wanted], reason: str) -> Any:
    actions.adjust(round, wanted, reason, actor=who(), now=now())
    flash("Done: " + "; ".join(each.words for each in wanted) + ".", "success")
    return redirect(url_for("allocation.show", public_id=round.public_id))


def _asked(base: Attempt, change: Change) -> Any:
    asked = trials.ask(base, [change], actor=who(), now=now())
    return redirect(url_for("changes.trial", public_id=asked.public_id))


def _challenges(instance: Instance, level: int | None = None) -> Sequence[Challenge]:
    """The challenges of those inputs, for that level, which `who` has no side in."""
    known = [each.id for each in instance.challenges if level is None or level in each.levels]
    return [each for each in by_public_id(known).values() if has_no_side(who(), each.organisation_id)]


def _has_no_side(wanted: Wanted) -> bool:
    return wanted.owner is None or has_no_side(who(), wanted.owner.id)


def _chosen_of(students: Sequence[Enrolment]) -> Enrolment | None:
    """The student whom the address names; None where it names none. 404 where it names another."""
    asked = request.args.get("student")
    if not asked:
        return None
    return next((each for each in students if each.public_id == asked), None) or abort(404)


def _find_student(students: Sequence[Enrolment], **context: Any) -> Any:
    """The endpoint's page with a search and a page of those found, instead of its form."""
    search = forms.FindStudent()
    words = (search.values()["q"] or "").casefold().split()
    found = [each for each in students if all(word in each.person.name.casefold() for word in words)]
    shown = page_of(found)
    return page(search=search, students=shown, paging=paging(len(shown), len(found)), **context)
