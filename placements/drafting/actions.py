"""Keeping what a student has so far, and handing it over when they hand it in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, insert_new
from placements.drafting.models import Draft, DraftFile
from placements.drafting.queries import MOST_FILES, Piece, Typed, draft_of
from placements.files.actions import Received, keep
from placements.files.models import StoredFile

CHANGED = (
    "Your draft was changed in another window, or handed in, after you opened this page. What you typed is below, what "
    "is saved now stands under it. Save again to keep what you typed."
)


def save(piece: Piece, typed: Typed, files: Sequence[Received] = (), *, actor: Principal, now: datetime) -> Draft:
    """Keep what was typed, and these files beside those that are there; exactly the same again changes nothing.

    Raises Conflict where another text was saved since the version that was seen, Refused for too many files.
    """
    draft = held(piece, now)
    if typed.text is not None and typed.text != draft.text:
        if typed.seen is not None and typed.seen != draft.version:
            raise Conflict(CHANGED, "text")
        draft.text = typed.text
        _touch(draft, now)
    for each in [each for each in draft.files if each.public_id == typed.without]:
        _remove(draft, each, now)
    _add(draft, files, actor, now)
    db.session.flush()
    return draft


def _touch(draft: Draft, now: datetime) -> None:
    draft.version, draft.saved_at = draft.version + 1, now


def held(piece: Piece, now: datetime) -> Draft:
    """The one draft of that piece, empty where nothing is begun; nobody else changes it until the transaction ends."""
    for _ in range(2):  # the one that was there may be handed in, and gone, while it is waited for
        insert_new(Draft, [{**vars(piece), "text": "", "version": 0, "saved_at": now}])
        db.session.execute(select(Draft.id).filter_by(**vars(piece)).with_for_update())
        draft = draft_of(piece)
        if draft is not None:
            return draft
    raise Refused("Open this page again.")


def _add(draft: Draft, files: Sequence[Received], actor: Principal, now: datetime) -> None:
    there = {(each.file.sha256, each.file.name) for each in draft.files}
    new = {(each.sha256, each.name): each for each in files if (each.sha256, each.name) not in there}
    if len(there) + len(new) > MOST_FILES:
        raise Refused(f"Choose at most {MOST_FILES} files. Remove one that is here, then add another.", "files")
    for each in new.values():
        draft.files.append(DraftFile(file=keep(each, actor=actor, now=now)))
        _touch(draft, now)


def _remove(draft: Draft, file: DraftFile, now: datetime) -> None:
    """Nobody else has seen it, and nothing is kept of it."""
    stored = file.file
    draft.files.remove(file)
    _touch(draft, now)
    db.session.flush()
    db.session.delete(stored)


def start_from(piece: Piece, text: str, files: Sequence[StoredFile], *, actor: Principal, now: datetime) -> Draft:
    """Begin a draft with copies of what was handed in, to change it; where one is begun already it stays as it is."""
    draft = held(piece, now)
    if not draft.is_empty:
        return draft
    copies = [Received(each.sha256, each.name, each.media_type, each.size) for each in files]
    return save(piece, Typed(text), copies, actor=actor, now=now)


def hand_over(draft: Draft) -> tuple[str, list[StoredFile]]:
    """Empty a draft that is handed in: its text, and its files, which are the caller's from now on."""
    text, files = draft.text, [each.file for each in draft.files]
    db.session.delete(draft)
    db.session.flush()
    return text, files


def throw_away(files: Sequence[StoredFile]) -> None:
    """Forget files of a draft that were handed over and not needed: the same ones are there already."""
    for each in files:
        db.session.delete(each)
