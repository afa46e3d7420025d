"""One's own drafts of work, and nobody else's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json import dumps

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, selectinload

from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import db
from placements.drafting.models import Draft, DraftFile
from placements.files.models import StoredFile

MOST_FILES = 5


@dataclass(frozen=True)
class Piece:
    """What a draft is of: one attempt of one student at one component."""

    component_id: int
    enrolment_id: int
    attempt: int = 1


@dataclass(frozen=True)
class Typed:
    """What a page sent of a draft. `text` None: it stays; `seen`: the version it was made of, 0 before there was one.

    `without`: the file to take out, by its public id.
    """

    text: str | None = None
    seen: int | None = None
    without: str = ""


def draft_of(piece: Piece) -> Draft | None:
    """What is drafted of it, read anew. Two queries at most."""
    found = select(Draft).filter_by(**vars(piece)).options(selectinload(Draft.files))
    return db.session.scalar(found.execution_options(populate_existing=True))


def begun(enrolment_ids: Collection[int]) -> dict[Piece, datetime]:
    """What of these students' work is drafted and not handed in, with when it was saved. One query."""
    key = (Draft.component_id, Draft.enrolment_id, Draft.attempt)
    has_files = select(DraftFile.id).where(DraftFile.draft_id == Draft.id).exists()
    found = select(*key, Draft.saved_at).where(Draft.enrolment_id.in_(enrolment_ids), or_(Draft.text != "", has_files))
    return {Piece(*row[:3]): row[3] for row in db.session.execute(found)}


def own_file(who: Principal, public_id: str) -> DraftFile | None:
    """A file of one's own draft."""
    found = select(DraftFile).join(DraftFile.draft).join(Draft.enrolment)
    found = found.where(DraftFile.public_id == public_id, Enrolment.id.in_(who.held_on("student")))
    draft = contains_eager(DraftFile.draft)
    return db.session.scalar(found.options(draft.joinedload(Draft.component), draft.selectinload(Draft.files)))


def fingerprint_of(draft: Draft) -> str:
    """What says that a draft is the one that was looked at: it changes with its text or files."""
    return fingerprint(draft.text, [each.file for each in draft.files])


def fingerprint(text: str, files: Sequence[StoredFile]) -> str:
    """The same of what was handed in."""
    said = [text, sorted((each.sha256, each.name) for each in files)]
    return sha256(dumps(said).encode()).hexdigest()
