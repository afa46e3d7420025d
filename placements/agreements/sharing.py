"""One Agreement for a group: making one's own a part of it, writing what all share, and leaving it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete

from placements.agreements import actions, notices
from placements.agreements.actions import CHANGED, next_version, start
from placements.agreements.groups import Group, group_of, newest_of, words_shared
from placements.agreements.models import Agreement, GroupPart
from placements.agreements.rules import SHARED
from placements.agreements.workflow import AgreementState
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, insert_new
from placements.history.actions import record
from placements.mail.actions import tell
from placements.placing.actions import hold as hold_placement
from placements.placing.models import Placement


def join(placement: Placement, *, actor: Principal, now: datetime) -> None:
    """Make the placement's Agreement a part of its group's: its draft gets the words that the group shares.

    The first to press begins the group's, and the others at the challenge are asked to join. Raises Refused while the
    placement's version goes round for signing, or somebody still thinks about an offer.
    """
    group = _hold(group_of(placement), everybody=True)
    if group.is_member:
        return
    if not group.is_settled:
        raise Refused("Somebody still thinks about an offer of this challenge. Try again when all have answered.")
    newest = newest_of(placement)
    if newest is not None:
        actions.hold(newest)
    if newest is not None and newest.state is AgreementState.SIGNING:
        raise Refused("Your Agreement goes round for signing. Take it back first, then make it a part of your group’s.")
    insert_new(GroupPart, [{"placement_id": placement.id, "joined_at": now}])
    shared = words_shared(group)
    if newest is None or _differs(newest, shared):
        _write(start(placement, actor=actor, now=now), shared, now)
    student = placement.enrolment.person_id
    record("agreement made a part of the group's", placement, actor=actor, now=now, person_id=student)
    if not group.members:
        for other in group.others:
            tell(notices.GROUP_BEGUN, other.id, [other.enrolment.person_id], now)


def leave(placement: Placement, *, actor: Principal, now: datetime) -> None:
    """Have an Agreement of one's own again. What is written, goes round or is in force stays as it is."""
    group = _hold(group_of(placement))
    if group.is_member:
        db.session.execute(delete(GroupPart).where(GroupPart.placement_id == placement.id))
        student = placement.enrolment.person_id
        record("agreement left the group's", placement, actor=actor, now=now, person_id=student)


def save_draft(
    agreement: Agreement,
    words: Mapping[str, str],
    objectives: Sequence[str],
    *,
    seen: int | None,
    actor: Principal,
    now: datetime,
) -> None:
    """Keep what the student has written, as `actions.save_draft`; words that a group shares change in every part.

    A part in force gets a draft with them, and its student is told: all have to sign what all share. Raises Refused
    while another's part goes round with the words as they were.
    """
    group = _hold(group_of(agreement.placement))
    actions.save_draft(agreement, words, objectives, seen=seen, actor=actor, now=now)
    shared = {name: agreement.words[name] for name in SHARED}
    for mate in group.members if group.is_member else ():
        newest = newest_of(mate)
        if newest is None or not _differs(newest, shared):
            continue
        name = mate.enrolment.person.name
        if newest.state is AgreementState.SIGNING:
            raise Refused(
                f"{name}’s part goes round for signing with the words that you share. Ask {name} to take it back "
                "before you change them."
            )
        if newest.state is not AgreementState.DRAFT:
            newest = next_version(mate, newest, actor=actor, now=now)
            db.session.flush()
            tell(notices.GROUP_CHANGED, mate.id, [mate.enrolment.person_id], now)
        _write(newest, shared, now)


def _write(draft: Agreement, shared: Mapping[str, str], now: datetime) -> None:
    """Put the words that all share into a draft; whoever has it open is told when they save."""
    if _differs(draft, shared):
        for name, text in shared.items():
            setattr(draft, name, text)
        draft.edit_version = (draft.edit_version or 1) + 1
        draft.saved_at = now


def _differs(agreement: Agreement, shared: Mapping[str, str]) -> bool:
    return any(agreement.words[name] != text for name, text in shared.items())


def _hold(group: Group, *, everybody: bool = False) -> Group:
    """Keep everybody else off the group's placements, or all at the challenge; raises Conflict where one has joined."""
    known = {*group.parts, *((*group.members, *group.others) if everybody else ())}
    for each in sorted(known, key=lambda each: each.id):
        hold_placement(each)
    held = group_of(group.placement)
    if not known.issuperset(held.parts):
        raise Conflict(CHANGED)
    return held
