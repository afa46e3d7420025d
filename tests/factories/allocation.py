"""Choices, rounds, offers, and who has none."""

from datetime import date
from typing import Any

from placements.allocation.models import Attempt, Match
from placements.allocation.workflow import AttemptState
from placements.applications.models import Application, HostAnswer, Preference, Receipt
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.cohorts.models import (
    Enrolment,
    ModuleRun,
)
from placements.offers.models import Clearing, ClearingReason, Offer
from placements.offers.workflow import OfferState
from placements.people.models import Person
from placements.rounds.entrants import field_of
from placements.rounds.inputs import instance_of
from placements.rounds.models import Lock, Round
from placements.solver.solve import solve
from tests.factories.base import DAY, NOW, YEAR, add, number
from tests.factories.challenges import challenge
from tests.factories.people import person
from tests.factories.runs import enrolment, run


def application(of: Enrolment | None = None, ranked: list[Challenge] | None = None, **said: Any) -> Application:
    """Submitted, unless `state` says otherwise; its draft holds the same words."""
    said = {
        "state": ApplicationState.SUBMITTED,
        "statement": "I volunteer at my local library and like to make things simple.",
        "submitted_at": NOW - DAY,
        "draft_saved_at": NOW - DAY,
        **said,
    }
    choices = [[each.public_id, ""] for each in ranked or []]
    said.setdefault("draft", {"statement": said["statement"], "choices": choices})
    made = add(Application(enrolment=of or enrolment(), **said))
    if made.state is ApplicationState.SUBMITTED:
        for rank, each in enumerate(ranked or [], 1):
            add(Preference(application=made, rank=rank, challenge=each))
            add(HostAnswer(application=made, challenge=each))
        chosen = [
            {"title": each.title, "organisation": each.organisation.name, "addition": ""} for each in ranked or []
        ]
        add(
            Receipt(
                number=f"T{next(number):08}",
                application=made,
                submitted_at=made.submitted_at,
                statement=made.statement,
                choices=chosen,
            )
        )
    return made


def allocation_round(*runs: ModuleRun, **said: Any) -> Round:
    said = {
        "form_key": f"round-{next(number)}",
        "name": "First round",
        "academic_year": YEAR,
        "seed": "5eed",
        "created_at": NOW,
        **said,
    }
    return add(Round(runs=list(runs) or [run()], **said))


def attempt(of: Round, **said: Any) -> Attempt:
    """An attempt at what the round is now; one that is SOLVED has its result."""
    instance = instance_of(of, field_of(of, NOW))
    said = {
        "rule": "least-total-rank",
        "instance": instance.to_json(),
        "instance_sha256": instance.sha256(),
        "created_at": NOW,
        **said,
    }
    if said.get("state") is AttemptState.SOLVED:
        said = {"result": solve(instance).to_json(), "finished_at": NOW, **said}
    return add(Attempt(round=of, **said))


def match(of: Round, who: Enrolment, where: Challenge | None = None, **said: Any) -> Match:
    return add(Match(round=of, enrolment=who, challenge=where, **said))


def lock(of: Enrolment | None = None, to: Challenge | None = None, by: Person | None = None, **said: Any) -> Lock:
    said = {"reason": "They know the organisation.", "locked_at": NOW - DAY, **said}
    return add(Lock(enrolment=of or enrolment(), challenge=to or challenge(), locked_by=by or person(), **said))


def offer(of: Enrolment | None = None, to: Challenge | None = None, **said: Any) -> Offer:
    said = {"state": OfferState.MADE, "made_at": NOW - DAY, "deadline_at": NOW + 6 * DAY, **said}
    return add(Offer(enrolment=of or enrolment(), challenge=to or challenge(), **said))


def clearing(of: Enrolment | None = None, owner: Person | None = None, **said: Any) -> Clearing:
    said = {"why": ClearingReason.UNPLACED, "by_on": date(2026, 11, 3), "opened_at": NOW - DAY, **said}
    return add(Clearing(enrolment=of or enrolment(), owner=owner or person(), **said))
