"""Grading a logbook at a checkpoint of the run; the final grade, which the portfolio's mark takes; the checkpoints."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from placements.cohorts.models import Checkpoint, Enrolment, ModuleRun
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, read_again
from placements.history.actions import record
from placements.logbook.actions import MODULE_TEAM
from placements.mail.actions import tell
from placements.placing.models import Placement
from placements.reading import notices
from placements.reading.models import LogbookGrade, LogbookScore
from placements.reading.queries import final_grade
from placements.reading.rules import Wanted
from placements.specification.actions import lock_portfolio

FINAL_READERS = "reading.read_final"
OVERTAKEN = "Somebody else has saved a grade meanwhile. Both are below: save yours again, or leave theirs."
SETTLED = "This grade is part of the portfolio’s mark, which is submitted. Take that back under Marking to change it."


def grade(
    placement: Placement,
    checkpoint: Checkpoint,
    scores: Mapping[int, tuple[int, str]],
    comment: str,
    *,
    version: int,
    actor: Principal,
    now: datetime,
) -> LogbookGrade:
    """Grade a logbook at a checkpoint: a score 0–100 and a comment by criterion's key. `version`: the one seen, or 0.

    On the way it shows at once and never counts. The final grade is one for each enrolment; nobody is told of it, and
    the student sees nothing of it before the portfolio's mark, which takes it, is released. Raises Conflict where it is
    another version by now, Refused where the mark has taken it.
    """
    graded = select(Enrolment.id).where(Enrolment.id == placement.enrolment_id)
    db.session.execute(graded.with_for_update(key_share=True))  # saving a mark looks whether its student is there
    saved = final_grade(placement.enrolment_id) if checkpoint.is_final else _saved(placement, checkpoint)
    if checkpoint.is_final:
        lock_portfolio(checkpoint.run_id, now=now)
    if saved is not None:
        hold_row(saved, "version", "settled_at")
    if saved is not None and saved.settled_at is not None:
        raise Refused(SETTLED)
    if (saved.version if saved else 0) != version:
        raise Conflict(OVERTAKEN)
    given = saved or LogbookGrade(placement=placement, checkpoint=checkpoint, version=0)
    given.grader_id, given.comment, given.at, given.version = actor.person_id or 0, comment, now, version + 1
    _write(given, scores)
    db.session.add(given)
    db.session.flush()
    student = placement.enrolment.person_id
    if not checkpoint.is_final:
        tell(notices.GRADE, given.id, [student], now)
    seen_by = FINAL_READERS if checkpoint.is_final else MODULE_TEAM
    record("graded the logbook", placement, actor=actor, now=now, person_id=student, ability=seen_by)
    return given


def _saved(placement: Placement, checkpoint: Checkpoint) -> LogbookGrade | None:
    found = select(LogbookGrade).where(LogbookGrade.placement_id == placement.id)
    return db.session.scalar(found.where(LogbookGrade.checkpoint_id == checkpoint.id))


def _write(given: LogbookGrade, scores: Mapping[int, tuple[int, str]]) -> None:
    by_criterion = {each.criterion_id: each for each in given.scores}
    for criterion_id, (score, words) in scores.items():
        line = by_criterion.get(criterion_id) or LogbookScore(criterion_id=criterion_id)
        line.score, line.comment = score, words
        if criterion_id not in by_criterion:
            given.scores.append(line)


def hold_final(enrolment_id: int) -> LogbookGrade | None:
    """The final grade of a student's logbook, read anew and kept as it is until the transaction ends."""
    found = final_grade(enrolment_id)
    if found is not None:
        hold_row(found)
        read_again(found, "scores")
    return found


def settle(given: LogbookGrade, *, now: datetime) -> None:
    """The portfolio's mark has taken it: it stays as it is."""
    given.settled_at = now


def unsettle(enrolment_id: int) -> None:
    """The portfolio's mark was taken back: the final grade, if there is one, may be changed again."""
    found = hold_final(enrolment_id)
    if found is not None:
        found.settled_at = None


def set_checkpoints(
    run: ModuleRun,
    wanted: Mapping[int, Wanted | None],
    added: Sequence[tuple[Wanted, bool]],
    *,
    actor: Principal,
    now: datetime,
) -> None:
    """Change a run's checkpoints by their keys (None: remove), and add some, each with whether it is the final one.

    Raises Refused, by field, for removing one that logbooks were graded at, for a title twice, and for a second final.
    """
    kept = {each.id: each for each in run.checkpoints}
    for key in [key for key, one in wanted.items() if one is None]:
        _remove(run, kept.pop(key))
    db.session.flush()  # what is removed makes room for what is added
    for key, each in kept.items():
        one = wanted.get(key)
        if one is not None:
            each.title, each.due_on = one.title, one.due_on
    for one, is_final in added:
        if is_final and any(each.is_final for each in kept.values()):
            raise Refused("There is a final checkpoint already: change that one.", "new_is_final")
        run.checkpoints.append(Checkpoint(title=one.title, due_on=one.due_on, is_final=is_final))
    titles = [each.title.casefold() for each in run.checkpoints]
    if len(set(titles)) < len(titles):
        raise Refused("Give each checkpoint a title of its own.")
    db.session.flush()
    record("changed the checkpoints", run, actor=actor, now=now)


def _remove(run: ModuleRun, checkpoint: Checkpoint) -> None:
    graded = select(LogbookGrade.id).where(LogbookGrade.checkpoint_id == checkpoint.id).limit(1)
    if db.session.scalar(graded) is not None:
        raise Refused(
            f"Logbooks have been graded at “{checkpoint.title}”, so it stays. You can change its title and date.",
            f"remove_{checkpoint.id}",
        )
    run.checkpoints.remove(checkpoint)
    db.session.delete(checkpoint)
