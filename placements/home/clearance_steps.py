"""What of the university's own checks waits: for whoever keeps them, and for the student whose they are."""

from collections.abc import Iterator
from datetime import datetime

from placements.clearance.models import KEEPERS
from placements.clearance.queries import counts, open_of_student, risks_waiting
from placements.core.policy import Principal
from placements.db import db
from placements.home.steps import Figure, Look, Step, end_of, many
from placements.placing.rules import GateKind, told_at

KEEPING = tuple(KEEPERS.values())
ABOUT = {
    "safety_officer": (
        "Health and safety",
        "What is looked at before somebody starts: work, places, students.",
    ),
    "visa_officer": (
        "Student visas",
        "Where, when and how much sponsored students work.",
    ),
    "disability_adviser": (
        "Disability and adjustments",
        "What helps on placement. The student alone decides what the organisation is told.",
    ),
    "safeguarding": ("Checks before placements start", "DBS checks that roles ask for, or duties that need none."),
}
OF_STUDENT = {
    GateKind.DBS: "Get the DBS check that your role asks for",
    GateKind.VISA: "Settle the details for your student visa",
    GateKind.ADJUSTMENT: "Say what your supervisor is told of your adjustments",
}


def look(who: Principal, now: datetime) -> Look:
    """What waits for a keeper of gates. One query; two for the safety officer."""
    title, about = next(said for role, said in ABOUT.items() if who.has(role))
    count, due_on = db.session.execute(counts(who)).one()
    steps = []
    if count:
        what = f"{many(count, 'check waits', 'checks wait')} for you before a placement"
        steps.append(Step(what, "See what waits", "clearance.queue", by=end_of(due_on)))
    if who.has("safety_officer"):
        steps += _risks()
    label = "open checks" if count != 1 else "open check"
    return Look(title, about, steps, [Figure(count, label, "clearance.queue")])


def _risks() -> Iterator[Step]:
    waiting = risks_waiting()
    if waiting:
        what = f"{many(len(waiting), 'placement waits', 'placements wait')} until you look at the risk"
        yield Step(what, "See which", "clearance.queue", by=told_at(waiting[0].starts_on))


def own_steps(who: Principal) -> Iterator[Step]:
    """What the student has to do at the university's own checks. One query."""
    for kind, due_on, address in db.session.execute(open_of_student(who)):
        yield Step(
            OF_STUDENT[kind], "See what is needed", "clearance.checks", {"public_id": address}, by=end_of(due_on)
        )
