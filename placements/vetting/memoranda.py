"""Memoranda of understanding: drafted, signed, renewed by a new version, ended. They gate nothing."""

from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select

from placements.core.clock import say_date, today
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.core.seen import fingerprint
from placements.db import db, hold_row
from placements.files.actions import Received, keep
from placements.history.actions import record
from placements.partners.models import Organisation
from placements.vetting.models import Memorandum
from placements.vetting.workflow import MEMORANDUM, MemorandumState

TEXT = Path(__file__).with_name("memorandum.txt").read_text(encoding="utf-8").strip()


def proposed(organisation: Organisation) -> str:
    """Our text with its name in it."""
    return TEXT.format(organisation=organisation.name)


def draft(organisation: Organisation, text: str, *, form_key: str, actor: Principal, now: datetime) -> Memorandum:
    """Begin a version. The same form twice is one. Refused while another is a draft."""
    hold_row(organisation, "state")
    rows = select(Memorandum).where(Memorandum.organisation_id == organisation.id).order_by(Memorandum.version)
    known = db.session.scalars(rows).all()
    for each in known:
        if form_key and each.form_key == form_key:
            return each
        if each.state is MemorandumState.DRAFT:
            raise Refused(f"Version {each.version} is a draft still. Sign or end it first.")
    assert actor.person_id is not None
    made = Memorandum(
        organisation=organisation,
        version=max((each.version for each in known), default=0) + 1,  # a merge leaves gaps
        state=MemorandumState.DRAFT,
        text=text,
        made_at=now,
        made_by_id=actor.person_id,
    )
    if form_key:
        made.form_key = form_key
    db.session.add(made)
    db.session.flush()
    record("memorandum drafted", organisation, actor=actor, now=now, reason=f"version {made.version}")
    return made


def edit(memorandum: Memorandum, text: str, *, seen: str | None, actor: Principal, now: datetime) -> None:
    """Change a draft's text. Refused once it is signed; Conflict where it is not the text that was `seen`."""
    hold_row(memorandum, "state", "text")
    if memorandum.state is not MemorandumState.DRAFT:
        raise Refused("This version is signed. Make a new one instead.")
    if memorandum.text != text:
        if seen != fingerprint(memorandum.text):
            raise Conflict("Somebody saved this draft since you opened it. Read it in another tab, then save yours.")
        memorandum.text = text
        _record("memorandum edited", memorandum, actor, now)


def sign(
    memorandum: Memorandum,
    *,
    signed_for_them: str,
    signed_for_us: str,
    signed_on: date,
    expires_on: date,
    file: Received | None,
    actor: Principal,
    now: datetime,
) -> None:
    """Note that both have signed a version, and until when it lasts. Refused for a day to come."""
    hold_row(memorandum, "state")
    if signed_on > today(now):
        raise Refused("Enter a day that is not in the future", "signed_on")
    if MEMORANDUM.move(memorandum, "sign"):
        memorandum.signed_for_them, memorandum.signed_for_us = signed_for_them, signed_for_us
        memorandum.signed_on, memorandum.expires_on = signed_on, expires_on
        memorandum.file = keep(file, actor=actor, now=now) if file else None
        _record(f"memorandum signed until {say_date(expires_on)}", memorandum, actor, now)


def end(memorandum: Memorandum, *, actor: Principal, now: datetime) -> None:
    """End a version before its last day, or put a draft away."""
    hold_row(memorandum, "state")
    if MEMORANDUM.move(memorandum, "end"):
        _record("memorandum ended", memorandum, actor, now)


def _record(verb: str, memorandum: Memorandum, actor: Principal, now: datetime) -> None:
    record(verb, memorandum.organisation, actor=actor, now=now, reason=f"version {memorandum.version}")
