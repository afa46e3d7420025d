"""What a module leader changes in a round before it is run: places, pairs, the rule, whatever makes it possible."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.allocation import actions, adjusting, change_forms, inputs, suggesting
from placements.allocation.adjustments import Wanted
from placements.allocation.models import Adjustment, Round
from placements.allocation.queries import seen_adjustment, seen_round
from placements.allocation.trial_views import allocation, chosen_of, find_student
from placements.core.errors import Refused
from placements.partners.policy import has_no_side
from placements.solver.changes import Kind
from placements.web.area import page
from placements.web.site import now, who


@allocation.form("/rounds/<public_id>/change-places", can="allocation.adjust", of=seen_round)
def adjust(round: Round) -> Any:
    """Give a challenge other places, another minimum or its organisation another limit in this round."""
    field = inputs.field_of(round, now())
    form = change_forms.AdjustForm()
    free = [each for each in field.challenges if has_no_side(who(), each.organisation_id)]
    form.offer(free, {}, request.args.get("challenge"))
    if form.accepted():
        challenge, kind = form.known[form.challenge.data], form.what.data
        about = {"organisation": challenge.organisation} if kind is Kind.CEILING else {"challenge": challenge}
        return _changed(round, [Wanted(kind, number=form.number.data, **about)], form.reason.data)
    rooms = {each.public_id: field.room(each) for each in free}
    return page(round=round, form=form, chosen=form.known.get(form.challenge.data), rooms=rooms)


@allocation.form("/rounds/<public_id>/keep-apart", can="allocation.keep_apart", of=seen_round)
def keep_apart(round: Round) -> Any:
    """Find a student, then keep them out of a challenge in this round."""
    field = inputs.field_of(round, now())
    entrants = {entrant.enrolment.id: entrant for entrant in field.entrants}
    chosen = chosen_of([entrant.enrolment for entrant in field.entrants])
    if chosen is None:
        return find_student([entrant.enrolment for entrant in field.entrants], round=round)
    form = change_forms.KeepApartForm()
    preferences = {each.challenge_id: each.rank for each in entrants[chosen.id].preferences}
    free = [each for each in field.challenges if each.suits(chosen.run.level)]
    free = [each for each in free if has_no_side(who(), each.organisation_id)]
    form.offer(free, {each.public_id: preferences[each.id] for each in free if each.id in preferences})
    if form.accepted():
        wanted = Wanted(Kind.FORBID, enrolment=chosen, challenge=form.known[form.challenge.data])
        return _changed(round, [wanted], form.reason.data)
    return page(round=round, form=form, chosen=chosen)


@allocation.post("/rounds/adjustments/<public_id>/take-back", can="allocation.take_back", of=seen_adjustment)
def take_back(adjustment: Adjustment) -> Any:
    """Let the next run go without it."""
    adjusting.take_back(adjustment, actor=who(), now=now())
    flash("It is taken back. Run the allocation again to see what that changes.", "success")
    return redirect(url_for("allocation.show", public_id=adjustment.round.public_id))


@allocation.post("/rounds/<public_id>/make-possible", can="allocation.make_possible", of=seen_round)
def make_possible(round: Round) -> Any:
    """Make one of the changes that the round needs to be possible, or all of them."""
    needed = suggesting.suggested(round, inputs.field_of(round, now()))
    asked = request.form.get("change", "")
    wanted = [each for each in needed if asked in ("all", each.words)]
    if not wanted:
        raise Refused("This change is not needed any more. Go back to the round to see how it stands.")
    return _changed(round, wanted, suggesting.REASON)


@allocation.form("/rounds/<public_id>/rule", can="allocation.choose_rule", of=seen_round)
def choose_rule(round: Round) -> Any:
    """Choose which choices the usual rule takes for good enough, from the next run on."""
    form = change_forms.RuleForm(threshold=round.threshold)
    if form.accepted():
        actions.choose_rule(round, form.threshold.data, actor=who(), now=now())
        flash("The rule is chosen. The next run goes by it.", "success")
        return redirect(url_for("allocation.show", public_id=round.public_id))
    return page(round=round, form=form)


def _changed(round: Round, wanted: list[Wanted], reason: str) -> Any:
    adjusting.adjust(round, wanted, reason, actor=who(), now=now())
    flash("Done: " + "; ".join(each.words for each in wanted) + ".", "success")
    return redirect(url_for("allocation.show", public_id=round.public_id))
