"""What a student's record of achievement says: confirmed hours, what the work was for, and others' words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.agreements.queries import objectives_of
from placements.agreements.weeks import say_hours
from placements.closing.models import StudentRecord
from placements.core.clock import say_date, today
from placements.core.policy import Principal
from placements.db import db
from placements.feedback.queries import on_placements
from placements.impact.queries import published_of
from placements.logbook.hours import hours_of
from placements.placing.models import Placement
from placements.placing.queries import followed_by, whole

TITLE = "Record of achievement"


def placement_of(who: Principal, public_id: str) -> Placement | None:
    """The placement at that address, where `who` follows it."""
    return db.session.scalar(followed_by(who).where(Placement.public_id == public_id).options(*whole()))


def record_of(placement: Placement) -> StudentRecord | None:
    """The record that was made last."""
    found = select(StudentRecord).where(StudentRecord.placement_id == placement.id)
    return db.session.scalar(found.options(joinedload(StudentRecord.file)))


@dataclass(frozen=True)
class Said:
    """Somebody's words, and who they are."""

    words: str
    who: str


def said_of(placement: Placement) -> Sequence[Said]:
    """What others say of the work: the supervisor's last feedback, and what stands in published results.

    Four queries at most. Of feedback the strengths alone: what could be done next was said to the student.
    """
    organisation = placement.challenge.organisation.name
    given = [each.given for each in on_placements([placement.id]) if each.given]
    return [
        *(Said(each.strengths, f"{each.given_by.name}, supervisor at {organisation}") for each in given[-1:]),
        *(
            Said(result.quote, organisation)
            for result in published_of(placement.challenge)
            if result.quote and result.challenge_id == placement.challenge_id
        ),
    ]


def words_of(placement: Placement, now: datetime) -> dict[str, Any]:
    """Everything that the record says now, as plain values. Ten queries at most."""
    challenge, student = placement.challenge, placement.enrolment.person
    hours = say_hours(hours_of([placement.id])[placement.id].confirmed)
    last_on = placement.ended_on or placement.ends_on
    return {
        "student": student.name,
        "subtitle": f"{student.name}: {hours} with {challenge.organisation.name}",
        "facts": [
            ["Student", student.name],
            ["Module", placement.enrolment.run.title],
            ["Organisation", challenge.organisation.name],
            ["Challenge", challenge.title],
            ["Supervisor", placement.supervisor.name],
            ["Dates", f"{say_date(placement.starts_on)} to {say_date(last_on)}"],
            ["Hours", hours],
        ],
        "objectives": [objective.text for objective in objectives_of(placement.id)],
        "said": [{"words": each.words, "who": each.who} for each in said_of(placement)],
        "proof": (
            "Each of these hours was confirmed by the organisation, or by the university on other evidence, by "
            f"{say_date(today(now))}. London Metropolitan University keeps the log that they stand in. "
            "They are no mark."
        ),
    }
