"""What students do with a logbook: log, change, discard; and what is said of a visit."""

from datetime import datetime

from sqlalchemy import select

from placements.challenges.models import WorkMode
from placements.cohorts.models import RoleOnRun, RunRole
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, new_public_id
from placements.history.actions import record
from placements.logbook import notices
from placements.logbook.hours import line_of
from placements.logbook.ledger import WhyNot
from placements.logbook.models import Entry, EntryComment, How, LedgerEvent, LedgerKind
from placements.logbook.queries import other_visits
from placements.logbook.rules import Visit, visit_problems
from placements.logbook.workflow import ENTRY, EntryState
from placements.mail.actions import tell
from placements.people.models import Person
from placements.placing.models import Placement

PARTIES = "placing.people"  # the abilities that history about a logbook is read by
MODULE_TEAM = "placing.read_reasons"
DECIDED = "Your tutor decided about this visit, so it stays as it is. You can still change your reflection on it."


def post(
    entry: Entry, kind: LedgerKind, *, how: How = How.ACCOUNT, word: str | None = None, actor: Principal, now: datetime
) -> LedgerEvent:
    """Add a line to the ledger: the entry as it is now, and what became of it. Flushes."""
    line = LedgerEvent(
        entry=entry,
        kind=kind,
        entry_version=entry.version,
        starts_at=entry.visit.starts_at,
        ends_at=entry.visit.ends_at,
        minutes=entry.minutes,
        at=now,
        by_id=actor.person_id,
        how=how,
        word=word,
    )
    db.session.add(line)
    db.session.flush()
    return line


def log(
    placement: Placement,
    visit: Visit,
    *,
    form_key: str,
    mode: WorkMode,
    activity: str,
    reflection: str = "",
    is_reflection_shared: bool = False,
    is_draft: bool = False,
    actor: Principal,
    now: datetime,
) -> Entry:
    """Keep a visit, as a draft or sent to be confirmed. The same form twice is one entry.

    Sent minutes that do not count alert the tutor, and the module leader where they are past the ceiling. Refused, by
    field: a visit in the future, one that overlaps another of the student's anywhere, one that cannot have been.
    """
    known = db.session.scalar(select(Entry).where(Entry.form_key == form_key, Entry.placement_id == placement.id))
    if form_key and known is not None:
        return known
    _check(visit, placement, None, now)
    entry = Entry(
        placement=placement,
        form_key=form_key or new_public_id(),
        state=EntryState.DRAFT,
        version=1,
        reflection=reflection,
        is_reflection_shared=is_reflection_shared,
    )
    _write(entry, visit, mode, activity)
    db.session.add(entry)
    db.session.flush()
    if not is_draft:
        _send(entry, LedgerKind.SUBMITTED, actor=actor, now=now)
    _record("drafted a log entry" if is_draft else "logged a visit", placement, actor=actor, now=now)
    return entry


def edit(
    entry: Entry,
    visit: Visit,
    *,
    mode: WorkMode,
    activity: str,
    reflection: str = "",
    is_reflection_shared: bool = False,
    is_draft: bool = False,
    actor: Principal,
    now: datetime,
) -> None:
    """Change an entry. What happened, once sent, is sent again as a new version; of a confirmed one the old line stays.

    A change of the reflection alone reopens nothing. A queried entry is always sent again. Refused as in `log`, and for
    what happened on a visit that the tutor has decided about.
    """
    _hold(entry)
    ENTRY.move(entry, "edit")
    was = entry.state
    has_changed = (entry.visit, entry.mode, entry.activity) != (visit, mode, activity)
    if has_changed and was in (EntryState.VERIFIED, EntryState.NOT_COUNTED):
        raise Refused(DECIDED)
    entry.reflection, entry.is_reflection_shared = reflection, is_reflection_shared
    if has_changed:
        _check(visit, entry.placement, entry, now)
        _write(entry, visit, mode, activity)
    if was is EntryState.DRAFT and not is_draft:
        _send(entry, LedgerKind.SUBMITTED, actor=actor, now=now)
    elif was is EntryState.QUERIED or (has_changed and was is not EntryState.DRAFT):
        entry.version += 1
        kind = LedgerKind.REOPENED if was is EntryState.CONFIRMED else LedgerKind.SUBMITTED
        _send(entry, kind, actor=actor, now=now)
    _record("changed a log entry", entry.placement, actor=actor, now=now)


def discard(entry: Entry, *, actor: Principal, now: datetime) -> None:
    """Take an unconfirmed entry out of the logbook. What the ledger holds of it stays there, removed."""
    _hold(entry)
    was = entry.state
    if not ENTRY.move(entry, "discard"):
        return
    if was is not EntryState.DRAFT:
        post(entry, LedgerKind.REMOVED, actor=actor, now=now)
    _record("discarded a log entry", entry.placement, actor=actor, now=now)


def comment(entry: Entry, text: str, *, actor: Principal, now: datetime) -> None:
    """Say something about an entry; the student is told, or the tutor where the student says it. Twice is once."""
    if any(each.author_id == actor.person_id and each.text == text for each in entry.comments[-1:]):
        return
    said = EntryComment(entry=entry, author_id=actor.person_id, text=text, at=now)
    db.session.add(said)
    db.session.flush()
    student = entry.placement.enrolment.person_id
    listener = entry.placement.tutor_id if actor.person_id == student else student
    tell(notices.COMMENT, said.id, [listener] if listener else [], now)
    _record("commented on the logbook", entry.placement, actor=actor, now=now, ability=MODULE_TEAM)


def _record(verb: str, placement: Placement, *, actor: Principal, now: datetime, ability: str = PARTIES) -> None:
    record(verb, placement, actor=actor, now=now, person_id=placement.enrolment.person_id, ability=ability)


def _hold(entry: Entry) -> None:
    """Read where the entry stands again, and keep everybody else off it until the transaction ends."""
    hold_row(entry, "state", "version")


def _check(visit: Visit, placement: Placement, entry: Entry | None, now: datetime) -> None:
    student = placement.enrolment.person_id
    db.session.get_one(Person, student, with_for_update=True)  # two visits at once would each miss the other
    problems = visit_problems(visit, (), now) or visit_problems(visit, other_visits(student, visit, entry), now)
    for field, sentence in problems.items():
        raise Refused(sentence, field)


def _write(entry: Entry, visit: Visit, mode: WorkMode, activity: str) -> None:
    entry.on, entry.starts, entry.ends, entry.break_minutes = visit.on, visit.starts, visit.ends, visit.break_minutes
    entry.minutes, entry.mode, entry.activity = visit.minutes, mode, activity


def _send(entry: Entry, kind: LedgerKind, *, actor: Principal, now: datetime) -> None:
    ENTRY.move(entry, "submit")
    entry.submitted_at = now
    post(entry, kind, actor=actor, now=now)
    line = line_of(entry)
    if line is None or line.why_not is None:
        return
    told = [entry.placement.tutor_id] if entry.placement.tutor_id else []
    if line.why_not is WhyNot.PAST_CEILING:
        told += _leaders(entry.placement.enrolment.run_id)
    tell(notices.NOT_COUNTED, entry.id, told, now)


def _leaders(run_id: int) -> list[int]:
    found = select(RoleOnRun.person_id).where(RoleOnRun.run_id == run_id, RoleOnRun.role == RunRole.LEADER)
    return list(db.session.scalars(found))
