"""January to July: marks are moderated, released, confirmed by the board and exported; who failed is assessed again."""

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from placements.assessment.collecting import collect
from placements.assessment.models import Mark
from placements.assessment.workflow import MarkState
from placements.board import actions as board
from placements.board import correcting, queries, withholding
from placements.board.models import Stage, Withholding
from placements.board.readiness import releasable
from placements.board.releasing import fingerprint_of, release, stage
from placements.cases.actions import ask
from placements.cohorts.actions import close_run
from placements.cohorts.models import Component, ComponentKind, ModuleRun
from placements.db import db
from placements.demo.marking import NEVER_COMES, hand_in_again, mark_what_waits
from placements.demo.opening import DEPUTY, EXAMINER, MODERATOR
from placements.demo.stage import Beat, Season, leader, person_at, principal
from placements.double_marking.models import SecondMark
from placements.double_marking.workflow import Role
from placements.examining import actions as examining
from placements.examining.models import ExaminerReport
from placements.moderation import actions as moderation
from placements.moderation.queries import to_draw_from
from placements.moderation.workflow import Outcome
from placements.reassessment.actions import open_again
from placements.reassessment.queries import fingerprint_of as fingerprint_of_fails
from placements.reassessment.queries import standing_of

REPORT: dict[str, Any] = tomllib.loads(Path(__file__).with_name("examining.toml").read_text(encoding="utf-8"))
CHAIR = "Professor Miriam Adeyemi"
NOTES = (
    "The mark fits the work, and the comments say why.",
    "Fits. The feedback could name one page more exactly.",
    "A fair mark at the edge of the band: the reflection carries it.",
)
INQUIRY = "Two pages are near to another student’s. The academic misconduct panel looks at it."


def chapter(season: Season) -> Iterator[Beat]:
    """Agreements in winter; the finished year's portfolios from June, and in July whoever takes something again."""
    for month, day in ((1, 25), (3, 8)):
        yield Beat(season.at(month, day, 10), partial(_release, season, withholds=(season.starts, month) == (2026, 1)))
    if season.starts == 2025:
        yield Beat(season.at(6, 4, 15), partial(_release, season, at=season.at(6, 7, 9), withholds=True))
        yield Beat(season.at(6, 8, 10), partial(_export, season, Stage.PROVISIONAL))
        yield Beat(season.at(6, 18, 11), partial(_end_withholding, season))
        yield Beat(season.at(6, 18, 12), partial(_export, season, Stage.PROVISIONAL, only_changes=True))
        yield Beat(season.at(6, 22, 14), partial(_examine, season))
        yield Beat(season.at(6, 24, 10), partial(_confirm, season))
        yield Beat(season.at(6, 24, 11), partial(_export, season, Stage.CONFIRMED))
        yield Beat(season.at(6, 25, 10), partial(_open_again, season))
        yield Beat(season.at(6, 26, 15), partial(_report, season))
        yield Beat(season.at(6, 29, 10), partial(_correct, season))
        yield Beat(season.at(6, 29, 15), partial(_export, season, Stage.CONFIRMED, only_changes=True))
        yield Beat(season.at(7, 6, 11), partial(_answer, season))
        yield from _again(season)
        yield Beat(season.at(7, 29, 10), partial(_ask_for_case, season))
        yield Beat(season.at(7, 30, 16), partial(_close, season))


def _again(season: Season) -> Iterator[Beat]:
    """What was put off and what is taken again comes in, but for one; a second board confirms it."""
    for index in range(sum(season.students.values())):
        if index != NEVER_COMES:
            at = season.at(7, 12, 10) + timedelta(minutes=37 * index)
            yield Beat(at, partial(hand_in_again, season, index))
    yield Beat(season.at(7, 14, 15, 1), collect)
    yield Beat(season.at(7, 19, 10), partial(mark_what_waits, season))
    yield Beat(season.at(7, 22, 15), partial(_release, season))
    yield Beat(season.at(7, 28, 10), partial(_confirm, season))
    yield Beat(season.at(7, 28, 11), partial(_export, season, Stage.CONFIRMED, only_changes=True))


def _moderate(run: ModuleRun, now: datetime) -> None:
    """Eleanor Vance reads a sample of what waits, and finds that the marks stand."""
    moderator = person_at(MODERATOR)
    for component in run.components:
        while component.kind is not ComponentKind.FEEDBACK and to_draw_from(component):
            drawn = moderation.draw(component, moderator.id, actor=leader(), now=now - timedelta(hours=5))
            for each in drawn.sample:
                said = NOTES[each.mark_id % len(NOTES)]
                moderation.note(each, True, said, actor=principal(moderator.id), now=now - timedelta(hours=2))
            count = f"{len(drawn.sample)} script{'' if len(drawn.sample) == 1 else 's'} read."
            found = f"{count} The rubric is used alike by every marker, and fails are clear fails."
            at = now - timedelta(hours=1)
            moderation.close(drawn, Outcome.STAND, found, actor=principal(moderator.id), now=at)


def _release(season: Season, now: datetime, *, at: datetime | None = None, withholds: bool = False) -> None:
    """Release what is ready, or have it released at that moment; withhold one of the first run's if asked."""
    for number, run in enumerate(season.runs()):
        _moderate(run, now)
        ready = {component: releasable(run, component) for component in run.components}
        if withholds and number == 0:
            [kept, *_] = [mark for marks in ready.values() for mark in marks if mark.marker_id][3:]
            ready[kept.component].remove(kept)
            withholding.withhold(kept, INQUIRY, actor=leader(), now=now)
        for component, marks in ready.items():
            if marks and at is not None:
                stage(component, marks, at, seen=fingerprint_of(marks), actor=leader(), now=now)
        together = [mark for marks in ready.values() for mark in marks]
        if together and at is None:
            release(run, together, seen=fingerprint_of(together), actor=leader(), now=now)


def _end_withholding(season: Season, now: datetime) -> None:
    """The panel found nothing: the mark takes its course."""
    runs = [run.id for run in season.runs()]
    kept = select(Mark).join(Mark.component).join(Withholding, Withholding.mark_id == Mark.id)
    for mark in db.session.scalars(kept.where(Component.run_id.in_(runs), Withholding.ended_at.is_(None))).all():
        why = "The panel found that both quote the same leaflet, and name it."
        withholding.end_withholding(mark, why, actor=leader(), now=now)
        release(mark.component.run, [mark], seen=fingerprint_of([mark]), actor=leader(), now=now)


def _ask_for_case(season: Season, now: datetime) -> None:
    """The student whose mark was withheld complains of it: their case is to be looked at. The worker makes the file."""
    runs = [run.id for run in season.runs()]
    kept = select(Mark).join(Mark.component).join(Withholding, Withholding.mark_id == Mark.id)
    mark = db.session.scalars(kept.where(Component.run_id.in_(runs)).order_by(Withholding.id.desc()).limit(1)).one()
    ask(mark.enrolment, "Complaint 2026-117, about a mark that was withheld", actor=leader(), now=now)


def _export(season: Season, stage: Stage, now: datetime, *, only_changes: bool = False) -> None:
    for run in season.runs():
        board.export(run, stage, only_changes=only_changes, actor=leader(), now=now)


def _confirm(season: Season, now: datetime) -> None:
    for run in season.runs():
        marks = queries.provisional(run)
        met = board.Met(season.on(now.month, 23 if now.month == 6 else 28), CHAIR)
        board.confirm(run, marks, met, seen=fingerprint_of(marks), actor=leader(), now=now)


def _examine(season: Season, now: datetime) -> None:
    """The external examiner asks for the script on which a third marker had to be asked."""
    for second in db.session.scalars(select(SecondMark).where(SecondMark.role == Role.THIRD)).all():
        examining.ask(second.mark.submission, REPORT["wanted"], actor=principal(person_at(EXAMINER).id), now=now)


def _report(season: Season, now: datetime) -> None:
    examiner = principal(person_at(EXAMINER).id)
    for run in season.runs():
        report = examining.begin(run, actor=examiner, now=now)
        examining.write(report, REPORT["answers"], now=now)
        examining.submit(report, actor=examiner, now=now)


def _answer(season: Season, now: datetime) -> None:
    for report in db.session.scalars(select(ExaminerReport)).all():
        examining.respond(report, REPORT["response"].strip(), actor=leader(), now=now)


def _correct(season: Season, now: datetime) -> None:
    """The module leader asks for a correction; the deputy, who has looked, agrees an hour later."""
    runs = [run.id for run in season.runs()]
    found = select(Mark).join(Mark.component).where(Component.run_id.in_(runs), Mark.mark.between(52, 56))
    found = found.where(Component.kind == ComponentKind.PORTFOLIO, Mark.state == MarkState.CONFIRMED)
    for mark in db.session.scalars(found.order_by(Mark.id).limit(1)).all():
        why = "The appendix was not read: it came apart from the file in printing. Both markers have read it now."
        asked = correcting.ask(mark, (mark.mark or 0) + 2, why, actor=leader(), now=now)
        deputy = principal(person_at(DEPUTY).id)
        correcting.agree(asked, actor=deputy, now=now + timedelta(hours=1))


def _open_again(season: Season, now: datetime) -> None:
    for run in season.runs():
        rows = standing_of(run, stands="to_open")
        chosen = [each.enrolment.public_id for each in rows]
        open_again(run, chosen, seen=fingerprint_of_fails(rows), actor=leader(), now=now)


def _close(season: Season, now: datetime) -> None:
    for run in season.runs():
        close_run(run, actor=leader(), now=now)
