"""Keeping a logbook as it stands when the work is handed in whose evidence it is."""

from datetime import datetime

from sqlalchemy import select

from placements.db import db, insert_new, new_public_id
from placements.logbook.models import Entry
from placements.placing.models import Placement
from placements.reading.frozen import content_of
from placements.reading.models import LogbookSnapshot


def freeze(enrolment_id: int, *, now: datetime) -> None:
    """Keep every visit of a student as it stands, with what became of it and the totals; at one instant, once.

    Nobody changes or answers a visit meanwhile: their rows are held. Without a placement there is nothing to keep.
    """
    held = select(Entry.id).join(Entry.placement).where(Placement.enrolment_id == enrolment_id).order_by(Entry.id)
    db.session.execute(held.with_for_update(of=Entry))
    content = content_of(enrolment_id)
    if content is not None:
        row = {"public_id": new_public_id(), "enrolment_id": enrolment_id, "taken_at": now, "content": content}
        insert_new(LogbookSnapshot, [row])
