"""What an external examiner may read: marks by number; of work, the moderators' samples and whatever they ask for."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, literal, select, union_all

from placements.assessment.models import Mark, Submission
from placements.assessment.policy import leads, run_id_of
from placements.cohorts.models import Enrolment, RoleOnRun, RunRole
from placements.core.policy import Abilities, Principal, condition, state
from placements.examining.models import ExaminerReport, ScriptRequest
from placements.examining.workflow import REPORT
from placements.moderation.models import ModeratedMark, Moderation
from placements.moderation.workflow import ModerationState

OPENS = "examines_script"  # held on each submission that one may read


def sampled() -> Select[int]:
    """The keys of the submissions that stand in a moderator's sample."""
    same = and_(
        Submission.component_id == Mark.component_id,
        Submission.enrolment_id == Mark.enrolment_id,
        Submission.attempt == Mark.attempt,
    )
    found = select(Submission.id).join(Mark, same).join(ModeratedMark, ModeratedMark.mark_id == Mark.id)
    found = found.join(ModeratedMark.moderation).where(ModeratedMark.why.is_not(None), Mark.withheld_at.is_(None))
    return found.where(Moderation.state != ModerationState.DISCARDED)


def roles_of(person_id: int, on: date) -> Select[str, int | None]:
    """An examiner reads the scripts of the samples of their runs, those they asked for, and the logbooks of both."""
    examined = select(RoleOnRun.run_id).where(
        RoleOnRun.person_id == person_id, RoleOnRun.role == RunRole.EXTERNAL, RoleOnRun.lasts(on)
    )
    asked = select(ScriptRequest.submission_id).where(ScriptRequest.by_id == person_id)
    opened = select(Submission).join(Submission.enrolment).where(Enrolment.run_id.in_(examined))
    opened = opened.where(Submission.id.in_(sampled()) | Submission.id.in_(asked))
    rows = union_all(
        opened.with_only_columns(literal(OPENS).label("role"), Submission.id.label("held_on")),
        opened.with_only_columns(literal("examines_logbook"), Submission.enrolment_id),
    ).subquery()
    return select(rows.c.role, rows.c.held_on)


@condition
def examines(who: Principal, thing: Any, now: datetime) -> bool:
    """Is an external examiner of the run."""
    return who.has("external", run_id_of(thing))


@condition
def wrote_it(who: Principal, report: ExaminerReport, now: datetime) -> bool:
    """Is the examiner whose report it is."""
    return who.has("external", report.run_id) and who.person_id == report.by_id


@state
def is_closed_to_them(who: Principal, submission: Submission, now: datetime) -> bool:
    """Is neither in a sample nor asked for."""
    return not who.has(OPENS, submission.id)


ABILITIES: Abilities = {
    "examining.run": examines | leads,
    "examining.briefs": examines,
    "examining.statistics": examines,
    "examining.scripts": examines,
    "examining.script": examines,
    "examining.begin": examines,
    "examining.write": wrote_it & REPORT.can("write"),
    "examining.submit": wrote_it & REPORT.can("submit"),
    "examining.respond": leads & REPORT.can("respond"),
    "examining.ask": examines & is_closed_to_them,
}
