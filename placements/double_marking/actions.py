"""The verbs of second marking: allotting, marking blind, comparing once both are in, agreeing, and the third marker."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from placements.assessment.models import Mark
from placements.assessment.queries import worth
from placements.assessment.rules import BANDS
from placements.assessment.versions import keep_version
from placements.assessment.workflow import MarkState, Why
from placements.cohorts.models import Component
from placements.cohorts.queries import leaders_of
from placements.core.errors import Conflict, Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db, hold_row, read_again
from placements.double_marking import notices, rules
from placements.double_marking.models import SecondMark, SecondScore, Settlement
from placements.double_marking.queries import both_in, field_of, open_settlement, outdated, scored
from placements.double_marking.rules import Judgement
from placements.double_marking.workflow import SECOND, SETTLEMENT, How, Role, SecondState, SettlementState
from placements.history.actions import record
from placements.mail.actions import tell

LEADERS = "double_marking.read_history"
BOTH = "double_marking.read_outcome"
NOT_ABLE = "That person may not mark this piece of work a second time. Choose somebody else."
EDGES = [each for each in BANDS if each]


def allot(component: Component, chosen: Mapping[int, int], *, actor: Principal, now: datetime) -> int:
    """Give scripts of the component, by their marks' keys, a second marker each. Mails each of those. Returns how many.

    Who has one already keeps theirs. Raises Refused for whoever may not mark it: see `queries.field_of`.
    """
    field = field_of(component)
    free = {each.id: each for each in field.marks if each.id in chosen}
    for mark in list(free.values()):
        hold_row(mark, "second_id", "state", "marker_id")
        if mark.second_id is not None:
            free.pop(mark.id)  # somebody else was quicker
            continue
        if chosen[mark.id] not in [each.id for each in field.able(mark)] or chosen[mark.id] == mark.marker_id:
            raise Refused(NOT_ABLE)
        mark.second_id = chosen[mark.id]
        db.session.add(SecondMark(mark=mark, role=Role.SECOND, marker_id=chosen[mark.id], allotted_at=now))
        _record("allotted to a second marker", mark, actor, now)
    db.session.flush()
    tell(notices.ALLOTTED, component.id, [chosen[each] for each in free], now)
    return len(free)


def hand_on(second: SecondMark, to_id: int, *, actor: Principal, now: datetime) -> None:
    """Give a mark that is not in to another marker, who begins anew, and mail them. Raises Refused as `allot` does."""
    mark = second.mark
    _hold(second)
    if second.marker_id == to_id:
        return
    if to_id not in [each.id for each in field_of(mark.component, mark).able(mark)]:
        raise Refused(NOT_ABLE)
    SECOND.move(second, "hand_on")
    second.marker_id, second.feedback, second.given, second.allotted_at = to_id, "", None, now
    second.scores.clear()
    second.version += 1
    if second.role is Role.SECOND:
        mark.second_id = to_id
    _record(f"gave the {second.role.value} mark to another marker", mark, actor, now)
    _ask(second, now)


def _ask(second: SecondMark, now: datetime) -> None:
    db.session.flush()
    if second.role is Role.THIRD:
        tell(notices.THIRD_ASKED, second.id, [second.marker_id], now)
    else:
        tell(notices.ALLOTTED, second.mark.component_id, [second.marker_id], now)


def save_draft(second: SecondMark, judgement: Judgement, *, seen: int, actor: Principal, now: datetime) -> None:
    """Keep what the second or third marker has so far. Raises Conflict where `seen` is not its version."""
    _keep(second, judgement, seen)


def submit(second: SecondMark, judgement: Judgement, *, seen: int, actor: Principal, now: datetime) -> None:
    """Say that this is the mark. Where the first is in, the two are compared; a third mark settles it at once.

    Raises Conflict as for a draft, and Refused where a score or the reasons are missing.
    """
    _keep(second, judgement, seen)
    if second.given is None:
        raise Refused("Give every criterion a score, then submit the mark.")
    if not second.feedback:
        raise Refused("Write the reasons for the mark, then submit it.", "feedback")
    SECOND.move(second, "submit")
    second.submitted_at = now
    second.version += 1
    _record(f"gave the {second.role.value} mark", second.mark, actor, now)
    if second.role is Role.THIRD:
        _settle_by_third(second, actor, now)
    else:
        db.session.flush()
        compare(second.mark, now=now)


def reopen(second: SecondMark, *, actor: Principal, now: datetime) -> None:
    """Take a second mark back to change it, while the first is not in. Raises Refused once the two are compared."""
    _hold(second)
    if second.mark.fixed_at is not None or second.role is Role.THIRD:
        raise Refused("Both marks are in, so this one stays as it is.")
    if SECOND.move(second, "reopen"):
        second.submitted_at = None
        second.version += 1
        _record("reopened the second mark", second.mark, actor, now)


def _keep(second: SecondMark, judgement: Judgement, seen: int) -> None:
    _hold(second)
    SECOND.move(second, "draft")
    known = {each.criterion_id: each for each in second.scores}
    if judgement.feedback == second.feedback and judgement.scores == {
        each.id: (known[each.id].score, known[each.id].comment) if each.id in known else (None, "")
        for each in second.mark.component.criteria
    }:
        return
    if seen != second.version:
        raise Conflict(
            "This mark was saved in another window after you opened it. What you typed is below, what is saved stands "
            "above it. Save again to keep what you typed."
        )
    for criterion_id, (score, comment) in judgement.scores.items():
        row = known.get(criterion_id)
        if row is None:
            row = SecondScore(criterion_id=criterion_id)
            second.scores.append(row)
        row.score, row.comment = score, comment
    second.feedback = judgement.feedback
    second.version += 1
    db.session.flush()
    db.session.refresh(second, ["scores"])
    second.given = scored(second)


def _hold(second: SecondMark) -> None:
    """Nobody else changes the mark or this second one until the transaction ends; both are read anew."""
    hold_row(second.mark)
    hold_row(second)
    read_again(second, "scores")


def compare_due(now: datetime) -> None:
    """What the worker does each minute: compare marks that are both in, and reopen those of work that was replaced."""
    for second in db.session.scalars(outdated()).all():
        _hold(second)
        take_back(second.mark, now=now)
        _record(f"reopened the {second.role.value} mark: the work was replaced", second.mark, NOBODY, now)
    for mark in db.session.scalars(both_in().order_by(Mark.id)).all():
        compare(mark, now=now)


def compare(mark: Mark, *, now: datetime) -> None:
    """Where both marks are in: fix them, and agree them by rule, or else ask the two to talk, and mail them."""
    hold_row(mark)
    second = db.session.scalar(select(SecondMark).filter_by(mark_id=mark.id, role=Role.SECOND))
    first = scored(mark)
    is_in = mark.state is MarkState.SUBMITTED and mark.marker_id is not None and mark.fixed_at is None
    if not is_in or first is None or second is None or second.given is None:
        return
    if second.state is not SecondState.SUBMITTED:
        return
    mark.fixed_at = now
    found = rules.agreed(first, second.given, mark.component.agree_within, EDGES)
    if found is None:
        record("both marks are in", mark.submission, actor=NOBODY, now=now, ability=BOTH)
        tell(notices.BOTH_IN, mark.id, [each for each in (mark.marker_id, second.marker_id) if each], now)
        return
    made = Settlement(mark=mark, how=How.AUTOMATIC, state=SettlementState.PROPOSED, given=found, proposed_at=now)
    db.session.add(made)
    _settle(made, NOBODY, now)


def propose(mark: Mark, proposed: int, reason: str, *, actor: Principal, now: datetime) -> Settlement:
    """Propose, as one of the two, the mark for both; it takes the other to agree. Mails the other.

    Raises Refused where it lies outside the two (a third marker's to give), or something is proposed already.
    """
    second = _hold_both(mark)
    first = scored(mark)
    if first is None or second.given is None or not rules.may_be_agreed(proposed, first, second.given):
        low, high = sorted((first or 0, second.given or 0))
        raise Refused(f"Propose a mark from {low} to {high}. Outside the two, it takes a third marker.", "given")
    if open_settlement(mark) is not None:
        raise Refused("A mark is proposed already. Answer that one first.", "given")
    said = {"given": proposed, "reason": reason, "proposed_by_id": actor.person_id, "proposed_at": now}
    made = Settlement(mark=mark, how=How.DISCUSSED, state=SettlementState.PROPOSED, **said)
    db.session.add(made)
    db.session.flush()
    other = second.marker_id if actor.person_id == mark.marker_id else mark.marker_id
    tell(notices.PROPOSED, mark.id, [other] if other else [], now)
    record("proposed a mark for both", mark.submission, actor=actor, now=now, ability=BOTH, reason=reason)
    return made


def agree(settlement: Settlement, *, actor: Principal, now: datetime) -> None:
    """Agree, as the other of the two, to what was proposed: it becomes the mark."""
    _hold_both(settlement.mark, settlement)
    if settlement.state is SettlementState.SETTLED:
        return
    settlement.answered_by_id = actor.person_id
    _settle(settlement, actor, now)


def decline(settlement: Settlement, answer: str, *, actor: Principal, now: datetime) -> None:
    """Say why not. Either may propose anew; the module leader is written to, who can ask a third marker."""
    mark = settlement.mark
    _hold_both(mark, settlement)
    if SETTLEMENT.move(settlement, "decline"):
        settlement.answered_by_id, settlement.answered_at, settlement.answer = actor.person_id, now, answer
        tell(notices.THIRD_WANTED, mark.id, db.session.scalars(leaders_of(mark.enrolment.run_id)), now)
        record("did not agree to the mark", mark.submission, actor=actor, now=now, ability=BOTH, reason=answer)


def ask_third(mark: Mark, marker_id: int, *, actor: Principal, now: datetime) -> SecondMark:
    """Ask a third marker, who sees both marks and whose mark settles it. Mails them. Once asked, it stays so.

    Raises Refused for one of the two, and whoever may not mark it otherwise.
    """
    _hold_both(mark)
    there = db.session.scalar(select(SecondMark).filter_by(mark_id=mark.id, role=Role.THIRD))
    if there is not None:
        raise Refused("A third marker is asked already. Give the mark to another one instead.", "marker")
    if marker_id not in [each.id for each in field_of(mark.component, mark).able(mark)]:
        raise Refused(NOT_ABLE, "marker")
    third = SecondMark(mark=mark, role=Role.THIRD, marker_id=marker_id, allotted_at=now)
    db.session.add(third)
    record("asked a third marker", mark.submission, actor=actor, now=now, ability=BOTH)
    _ask(third, now)
    return third


def _settle_by_third(third: SecondMark, actor: Principal, now: datetime) -> None:
    mark = third.mark
    if mark.agreed is not None:
        raise Refused("The two markers have agreed meanwhile, so no third mark is needed any more.")
    _overtake(mark, now)
    said = {"given": third.given, "reason": third.feedback, "proposed_by_id": third.marker_id, "proposed_at": now}
    made = Settlement(mark=mark, how=How.THIRD_MARKER, state=SettlementState.PROPOSED, **said)
    db.session.add(made)
    _settle(made, actor, now)


def take_back(mark: Mark, *, now: datetime) -> None:
    """Open the second and third marks of a mark that is to be given again; what was agreed counts no more."""
    mark.agreed = None
    _overtake(mark, now)
    submitted = select(SecondMark).where(SecondMark.mark_id == mark.id, SecondMark.state == SecondState.SUBMITTED)
    for second in db.session.scalars(submitted):
        if SECOND.move(second, "reopen"):
            second.submitted_at = None
            second.version += 1


def _overtake(mark: Mark, now: datetime) -> None:
    rows = select(Settlement).where(Settlement.mark_id == mark.id)
    for each in db.session.scalars(
        rows.where(Settlement.state.in_((SettlementState.PROPOSED, SettlementState.SETTLED)))
    ):
        SETTLEMENT.move(each, "overtake")
        each.answered_at = now
    db.session.flush()


def _settle(settlement: Settlement, actor: Principal, now: datetime) -> None:
    mark, was = settlement.mark, settlement.mark.mark
    SETTLEMENT.move(settlement, "agree")
    settlement.answered_at = now
    mark.agreed = settlement.given
    mark.version += 1
    found = worth(mark)
    mark.mark = found.mark if found else None
    keep_version(mark, Why.AGREED, actor=actor, now=now)
    said = f"{was} → {mark.mark}, {SAID[settlement.how]}"
    record("one mark of two", mark.submission, actor=actor, now=now, ability=BOTH, reason=said)


SAID = {How.AUTOMATIC: "by rule", How.DISCUSSED: "agreed by both markers", How.THIRD_MARKER: "by a third marker"}


def _hold_both(mark: Mark, settlement: Settlement | None = None) -> SecondMark:
    """The second mark; it, the mark and the settlement are held. Raises Refused once the mark is one or released."""
    hold_row(mark)
    second = db.session.scalars(select(SecondMark).filter_by(mark_id=mark.id, role=Role.SECOND)).one()
    if settlement is not None:
        hold_row(settlement)
    is_answered = settlement is not None and settlement.state is SettlementState.SETTLED
    if (mark.agreed is not None and not is_answered) or mark.state is not MarkState.SUBMITTED:
        raise Refused("This mark is settled already.")
    return second


def _record(verb: str, mark: Mark, actor: Principal, now: datetime) -> None:
    record(verb, mark.submission, actor=actor, now=now, ability=LEADERS)
