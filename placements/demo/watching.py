"""What tutors did about early warnings: every other week, about those that cannot wait."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db, new_public_id
from placements.demo.stage import Beat, Season
from placements.watch import actions
from placements.watch.models import EarlyWarning
from placements.watch.rules import Act, Kind

DONE = {
    Kind.SILENT: (Act.TALKED, "Rang: ill for a week, and back on the usual day. The visits before are written up."),
    Kind.BEHIND: (Act.REPLANNED, "Two longer visits a week until Easter. The supervisor has work for them."),
    Kind.UNANSWERED: (Act.ASKED_THERE, "The supervisor was away, and answers what waits by Friday."),
}
EVERY = timedelta(weeks=2)


def chapter(season: Season) -> Iterator[Beat]:
    """From January on, of what is urgent, two warnings in three."""
    yield from (Beat(season.at(1, 19, 15, 40) + number * EVERY, _see_to) for number in range(7))


def _see_to(now: datetime) -> None:
    waits = select(EarlyWarning).where(EarlyWarning.closed_at.is_(None), EarlyWarning.quiet_until.is_(None))
    urgent = waits.where(EarlyWarning.is_urgent, EarlyWarning.kind.in_(DONE)).order_by(EarlyWarning.id)
    for place, warning in enumerate(db.session.scalars(urgent).all()):
        tutor = warning.placement and warning.placement.tutor_id
        if tutor and place % 3:
            what, words = DONE[warning.kind]
            by, back = Principal(tutor), today(now) + timedelta(days=21)
            actions.act(warning, what, words, back, form_key=new_public_id(), actor=by, now=now)
