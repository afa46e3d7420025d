"""A placement's page: how far it has come, its hours and papers, and what whoever reads it does next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import defer

from placements.agreements.models import Agreement
from placements.agreements.queries import Papers, awaited, versions_of
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.feedback.models import Feedback
from placements.feedback.queries import on_placements
from placements.logbook.hours import ledgers_of
from placements.logbook.ledger import Projection, Totals, project
from placements.logbook.models import Entry
from placements.logbook.queries import UNSENT, Logged
from placements.logbook.workflow import EntryState
from placements.placing.models import Placement
from placements.placing.queries import gates_told, stages_of
from placements.placing.rules import Gate, Stage

LATEST = 3  # visits shown; the log has the rest


@dataclass(frozen=True)
class Story:
    """What those are told who follow a placement. `agreement`: the version worked on, otherwise the one in force."""

    placement: Placement
    agreement: Agreement | None
    gates: Sequence[Gate]
    stages: Sequence[Stage]
    totals: Totals
    projection: Projection
    visits: Sequence[Logged]
    feedback: Sequence[Feedback] = ()

    @property
    def latest(self) -> Sequence[Logged]:
        """The last few visits, the newest first."""
        return self.visits[:LATEST]

    @property
    def last_on(self) -> date | None:
        """The day of the last visit."""
        return self.visits[0].entry.on if self.visits else None

    def entries(self, state: EntryState) -> list[Entry]:
        """The visits in that state, the oldest first."""
        return [each.entry for each in reversed(self.visits) if each.entry.state is state]

    @property
    def is_enough(self) -> bool:
        """As many hours are confirmed as the run asks for at least."""
        return self.totals.confirmed >= self.placement.enrolment.run.minutes_minimum


def story_of(placement: Placement, who: Principal, now: datetime) -> Story:
    """All of that about a placement, as far as `who` may know it. Seven queries; three more where there is feedback."""
    agreement = Papers(placement, versions_of(placement)).current
    awaits = () if placement.agreed_at else awaited(agreement, placement)
    gates = gates_told(who, placement, now, awaits)
    ledger = ledgers_of([placement.id])[placement.id]
    worked = ledger.totals.confirmed + ledger.totals.waiting
    target = placement.enrolment.run.minutes_target
    lines = {line.entry: line for line in ledger.lines}
    return Story(
        placement,
        agreement,
        gates=gates,
        stages=stages_of(placement, who, gates),
        totals=ledger.totals,
        projection=project(worked, target, placement.starts_on, placement.ends_on, today(now)),
        visits=[Logged(entry, lines.get(entry.id)) for entry in _sent(placement)],
        feedback=on_placements([placement.id]),
    )


def _sent(placement: Placement) -> Sequence[Entry]:
    """The visits that the student has sent, without reflections, the newest first."""
    return db.session.scalars(
        select(Entry)
        .where(Entry.placement_id == placement.id, Entry.state.not_in(UNSENT))
        .order_by(Entry.on.desc(), Entry.starts.desc(), Entry.id.desc())
        .options(defer(Entry.reflection, raiseload=True))
    ).all()
