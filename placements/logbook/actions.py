"""What students do with a logbook: log, change, discard; and what is said of a visit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from placements.agreements.models import Objective
from placements.challenges.models import WorkMode
from placements.cohorts.queries import leaders_of
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, insert_new, new_public_id
from placements.files.actions import Received
from placements.history.actions import record
from placements.logbook import evidence as shown
from placements.logbook import notices
from placements.logbook.hours import line_of
from placements.logbook.ledger import WhyNot
from placements.logbook.models import (
    Entry,
    EntryComment,
    EntryDraft,
    EntryVersion,
    How,
    LedgerEvent,
    LedgerKind,
)
from placements.logbook.queries import other_visits
from placements.logbook.rules import Visit, visit_problems
from placements.logbook.workflow import ENTRY, EntryState
from placements.mail.actions import tell
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor_id

FORM_KEY_LENGTH = 40
MOST_DRAFTS = 20  # visits begun and not sent, on one placement
SAID = ("on", "starts", "ends", "break_minutes", "mode", "activity", "reflection")  # what a version keeps
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
    objective: Objective | None = None,
    evidence: Sequence[Received] = (),
    is_draft: bool = False,
    actor: Principal,
    now: datetime,
) -> Entry:
    """Keep a visit, as a draft or sent to be confirmed. The same form twice is one entry; after a draft, it is that.

    Sent minutes that do not count alert the tutor, and the module leader where they are past the ceiling or nobody is
    the tutor. Refused, by field: a visit in the future, one that overlaps another of the student's anywhere, one that
    cannot have been.
    """
    words: dict[str, Any] = {"mode": mode, "activity": activity, "reflection": reflection, "objective": objective}
    known = db.session.scalar(select(Entry).where(Entry.form_key == form_key, Entry.placement_id == placement.id))
    if form_key and known is not None:
        if known.state is EntryState.DRAFT:
            words |= {"is_reflection_shared": is_reflection_shared, "evidence": evidence, "is_draft": is_draft}
            edit(known, visit, **words, actor=actor, now=now)
        return known
    _check(visit, placement, None, now)
    entry = Entry(
        placement=placement,
        form_key=form_key or new_public_id(),
        state=EntryState.DRAFT,
        version=1,
        reflection=reflection,
        is_reflection_shared=is_reflection_shared,
        objective=objective,
    )
    _write(entry, visit, mode, activity)
    db.session.add(entry)
    db.session.flush()
    if not is_draft:
        _send(entry, LedgerKind.SUBMITTED, actor=actor, now=now)
    shown.add(entry, evidence, actor=actor, now=now)
    _keep_version(entry, now)
    db.session.execute(delete(EntryDraft).where(EntryDraft.form_key == entry.form_key))
    _record("drafted a log entry" if is_draft else "logged a visit", placement, actor=actor, now=now)
    return entry


def keep_draft(placement: Placement, typed: Mapping[str, list[str]], *, now: datetime) -> EntryDraft | None:
    """Keep what is typed of a new visit, by its form's key; None where that form has been sent or saved already.

    Refused where it cannot be told whose form it is, and for more drafts than anybody can have in mind.
    """
    form_key = "".join(typed.get("form_key", []))
    if not 0 < len(form_key) <= FORM_KEY_LENGTH:
        raise Refused("Open this form again.")
    if db.session.scalar(select(Entry.id).where(Entry.form_key == form_key)):
        return None
    ours = select(EntryDraft).where(EntryDraft.placement_id == placement.id)
    kept = {each.form_key for each in db.session.scalars(ours)}
    if form_key not in kept and len(kept) >= MOST_DRAFTS:
        raise Refused("Throw away a visit that you have begun before, or send it.")
    row = {"public_id": new_public_id(), "form_key": form_key, "placement_id": placement.id}
    insert_new(EntryDraft, [{**row, "typed": dict(typed), "saved_at": now}])
    draft = db.session.scalar(ours.where(EntryDraft.form_key == form_key).with_for_update())
    if draft is None:
        raise Refused("Open this form again.")  # somebody else's
    draft.typed, draft.saved_at = dict(typed), now
    return draft


def forget(draft: EntryDraft) -> None:
    """Throw a draft away: it was nobody else's, and nothing came of it."""
    db.session.delete(draft)


def edit(
    entry: Entry,
    visit: Visit,
    *,
    mode: WorkMode,
    activity: str,
    reflection: str = "",
    is_reflection_shared: bool = False,
    objective: Objective | None = None,
    evidence: Sequence[Received] = (),
    is_draft: bool = False,
    actor: Principal,
    now: datetime,
) -> None:
    """Change an entry. What happened, once sent, is sent again as a new version; of a confirmed one the old line stays.

    What it said before is kept. A change of the reflection or objective alone reopens nothing. A queried entry is
    always sent again. Refused as in `log`, and for what happened on a visit that the tutor has decided about.
    """
    _hold(entry)
    ENTRY.move(entry, "edit")
    was = entry.state
    has_changed = (entry.visit, entry.mode, entry.activity) != (visit, mode, activity)
    if has_changed and was in (EntryState.VERIFIED, EntryState.NOT_COUNTED):
        raise Refused(DECIDED)
    entry.reflection, entry.is_reflection_shared = reflection, is_reflection_shared
    entry.objective = objective
    if has_changed:
        _check(visit, entry.placement, entry, now)
        _write(entry, visit, mode, activity)
    if was is EntryState.DRAFT and not is_draft:
        _send(entry, LedgerKind.SUBMITTED, actor=actor, now=now)
    elif was is EntryState.QUERIED or (has_changed and was is not EntryState.DRAFT):
        entry.version += 1
        kind = LedgerKind.REOPENED if was is EntryState.CONFIRMED else LedgerKind.SUBMITTED
        _send(entry, kind, actor=actor, now=now)
    shown.add(entry, evidence, actor=actor, now=now)
    _keep_version(entry, now)
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
    listener = acting_tutor_id(entry.placement, today(now)) if actor.person_id == student else student
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


def _keep_version(entry: Entry, now: datetime) -> None:
    """Keep what an entry that was sent says now, where it is not what was kept of it last. Whoever calls holds it."""
    if entry.state is EntryState.DRAFT:
        return
    kept = select(EntryVersion).where(EntryVersion.entry_id == entry.id).order_by(EntryVersion.number.desc())
    last = db.session.scalars(kept.limit(1)).first()
    said = {name: getattr(entry, name) for name in SAID} | {"objective_id": entry.objective and entry.objective.id}
    if last is None or any(getattr(last, name) != value for name, value in said.items()):
        db.session.add(EntryVersion(entry_id=entry.id, number=last.number + 1 if last else 1, **said, at=now))
        db.session.flush()


def _send(entry: Entry, kind: LedgerKind, *, actor: Principal, now: datetime) -> None:
    ENTRY.move(entry, "submit")
    entry.submitted_at = now
    post(entry, kind, actor=actor, now=now)
    line = line_of(entry)
    if line is None or line.why_not is None:
        return
    tutor_id = acting_tutor_id(entry.placement, today(now))
    told = [tutor_id] if tutor_id else []
    if line.why_not is WhyNot.PAST_CEILING or not told:
        told += db.session.scalars(leaders_of(entry.placement.enrolment.run_id))
    tell(notices.NOT_COUNTED, entry.id, told, now)
