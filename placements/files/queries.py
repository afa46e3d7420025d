"""Reads of uploaded sheets: everybody their own."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import defer

from placements.core.policy import Principal
from placements.db import db
from placements.files.models import UploadedSheet

Sheet = TypeVar("Sheet", bound=UploadedSheet)


def sheets_of(model: type[Sheet], who: Principal, most: int = 10) -> Sequence[Sheet]:
    """One's own uploads, the newest first, without what they hold. One query."""
    newest = select(model).where(model.uploaded_by_id == who.person_id).order_by(model.id.desc()).limit(most)
    return db.session.scalars(newest.options(defer(model.rows), defer(model.errors))).all()


def sheet_of(model: type[Sheet], who: Principal, public_id: str) -> Sheet | None:
    """An upload of one's own."""
    return db.session.scalar(select(model).where(model.public_id == public_id, model.uploaded_by_id == who.person_id))
