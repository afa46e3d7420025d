"""What marks wait for of a module leader: claims, markers, a sample to be drawn, releases, a second person."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from placements.assessment.rules import feedback_due_at
from placements.board.queries import corrections_for
from placements.board.readiness import Ready, ready_in
from placements.cohorts.models import Component, ModuleRun
from placements.cohorts.queries import closed_days
from placements.core.clock import add_working_days, today
from placements.core.policy import Principal
from placements.home.steps import Step, end_of, many
from placements.moderation.queries import to_draw_in
from placements.reassessment.queries import waiting_since
from placements.scripts.progress import without_marker

DECIDED_WITHIN = 10  # working days of a claim; ours
Without = Sequence[tuple[Component, int, datetime]]


def waiting_in(who: Principal, runs: Sequence[ModuleRun], now: datetime) -> list[Step]:
    """What waits in each of these open runs, which `who` leads; and the corrections, in whatever run. Seven queries."""
    keys = [run.id for run in runs]
    ready, claims, closed, to_draw = ready_in(keys), waiting_since(keys), closed_days(), to_draw_in(keys)
    without: defaultdict[int, list[tuple[Component, int, datetime]]] = defaultdict(list)
    for component, count, first in without_marker(keys, now):
        without[component.run_id].append((component, count, first))
    steps = [*_corrections(who)]
    for run in runs:
        steps += _claims(run, claims.get(run.id, ()), closed, today(now))
        steps += _without_marker(run, without[run.id])
        steps += _to_draw(run, to_draw.get(run.id, 0))
        steps += _ready(run, ready.get(run.id, Ready()))
    return steps


def _claims(run: ModuleRun, claimed: Sequence[date], closed: Collection[date], day: date) -> Iterator[Step]:
    dues = [add_working_days(each, DECIDED_WITHIN, closed) for each in claimed]
    if dues:
        late = sum(due < day for due in dues)
        past = f", {late} of them past ten working days" if late else ""
        if late == len(dues):
            past = ", past ten working days"
        what = many(len(dues), "claim of mitigation waits", "claims of mitigation wait")
        values = {"public_id": run.public_id, "stands": "pending"}
        said = f"{run.title}: {what} for the outcome{past}"
        yield Step(said, "See whose", "reassessment.run", values, by=end_of(dues[0]))


def _without_marker(run: ModuleRun, without: Without) -> Iterator[Step]:
    if without:
        what = many(sum(count for _, count, _ in without), "script needs a marker", "scripts need a marker")
        by = min(feedback_due_at(first, component.feedback_weeks) for component, _, first in without)
        where = ("scripts.run", {"public_id": run.public_id})
        if len(without) == 1:
            where = ("scripts.component", {"public_id": without[0][0].public_id})
        yield Step(f"{run.title}: {what}", "Share them out", *where, by=by)


def _to_draw(run: ModuleRun, count: int) -> Iterator[Step]:
    if count:
        what = many(count, "mark waits", "marks wait")
        values = {"public_id": run.public_id}
        yield Step(f"{run.title}: {what} for a moderator’s sample", "Draw a sample", "moderation.overview", values)


def _ready(run: ModuleRun, ready: Ready) -> Iterator[Step]:
    if ready.count:
        what = many(ready.count, "mark is ready", "marks are ready")
        values = {"public_id": run.public_id}
        yield Step(f"{run.title}: {what} to release", "See the marks", "board.run_marks", values, by=ready.due_at)


def _corrections(who: Principal) -> Iterator[Step]:
    for each in corrections_for(who):
        run, values = each.mark.enrolment.run, {"public_id": each.public_id}
        what = f"{run.title}: {each.asked_by.name} asks you to agree to a correction after the board"
        yield Step(what, "Read and decide", "board.correction", values)
