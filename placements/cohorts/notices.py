"""What cohorts write to people: you study on a run; you have a role on one; it is open."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun
from placements.cohorts.queries import team_of
from placements.cohorts.workflow import LEFT, RunState
from placements.db import db
from placements.mail.notices import Notice, Pace
from placements.people.models import Person


def _enrolled(enrolment_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    enrolment = db.session.get(Enrolment, enrolment_id)
    if enrolment is None or enrolment.state in LEFT or enrolment.run.state is RunState.CLOSED:
        return None
    return {"run": enrolment.run, "group": enrolment.group, "tutor": enrolment.group.tutor, "now": now}


def _role_given(role_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    held = db.session.get(RoleOnRun, role_id)
    if held is None or held.person_id != recipient.id:
        return None
    return {
        "run": held.run,
        "role": held,
        "address": url_for("cohorts.run", public_id=held.run.public_id, _external=True),
    }


def _run_opened(run_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    run = db.session.get(ModuleRun, run_id)
    roles = [held.title for held in team_of(run) if held.person_id == recipient.id] if run else []
    if run is None or not roles or run.state is not RunState.OPEN:
        return None
    address = url_for("cohorts.run", public_id=run.public_id, _external=True)
    return {"run": run, "roles": roles, "address": address}


ENROLLED = Notice("cohorts.enrolled", _enrolled, run="run.id", fills={"run": "run.title", "group": "group.name"})
ROLE_GIVEN = Notice("cohorts.role_given", _role_given, run="run.id", fills={"run": "run.title", "role": "role.title"})
RUN_OPENED = Notice(
    "cohorts.run_opened",
    _run_opened,
    Pace.DAILY,
    may_mute=True,
    run="run.id",
    fills={"run": "run.title", "roles": "roles | join('; ')"},
)

NOTICES = (ENROLLED, ROLE_GIVEN, RUN_OPENED)
