"""What an external examiner reads."""

from typing import Any

from placements.assessment.models import Submission
from placements.assessment.queries import STANDINGS, neutral_name
from placements.assessment.queue import agreement_of
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import run_of
from placements.examining import queries
from placements.feedback.queries import on_placements
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging

examining = Area("examining", __name__)


@examining.get("/runs/<public_id>/scripts", can="examining.scripts", of=run_of)
def scripts(run: ModuleRun) -> Any:
    """Every script and mark of a run by student number, for its external examiner."""
    rows, count = queries.scripts(run, PAGE_SIZE, page_number())
    return page(run=run, rows=rows, paging=paging(len(rows), count), standings=STANDINGS)


@examining.get("/scripts/<public_id>", can="examining.script", of=queries.script_of)
def script(submission: Submission) -> Any:
    """One script with its rubric and feedback, by student number."""
    mark = submission.mark
    return page(
        submission=submission,
        given=mark,
        agreement=mark and agreement_of(mark),
        name_of=neutral_name,
        feedback=on_placements([each.id for each in mark.placements]) if mark else (),
        evidence=queries.evidence_behind(submission),
    )
