"""Making, signing, opening and spending links."""

from datetime import datetime, timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import bindparam, select

from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.links.models import Link


def _signer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"link:{purpose}")


def add_link(
    purpose: str, about_id: int, holder_id: int, *, now: datetime, lasts: timedelta, version: str = ""
) -> Link:
    """Let `holder_id` do `purpose` to `about_id` until `now + lasts`. Flushes."""
    link = Link(
        purpose=purpose,
        about_id=about_id,
        holder_id=holder_id,
        version=version,
        created_at=now,
        expires_at=now + lasts,
    )
    db.session.add(link)
    db.session.flush()
    return link


LATEST = (  # put together once: half of the mails ask it
    select(Link)
    .where(*(getattr(Link, name) == bindparam(name) for name in ("purpose", "about_id", "holder_id")))
    .order_by(Link.id.desc())
    .limit(1)
)


def latest_link(purpose: str, about_id: int, holder_id: int) -> Link | None:
    """The newest link of that purpose for that holder, open or not."""
    return db.session.scalar(LATEST, {"purpose": purpose, "about_id": about_id, "holder_id": holder_id})


def working_link(purpose: str, about_id: int, holder_id: int, *, now: datetime, lasts: timedelta) -> Link:
    """The newest one while it is open; else a new one, until `now + lasts`. Flushes."""
    link = latest_link(purpose, about_id, holder_id)
    is_open = link is not None and link.is_open(now)
    return link if link and is_open else add_link(purpose, about_id, holder_id, now=now, lasts=lasts)


def token(link: Link) -> str:
    """What stands in the link's URL."""
    return str(_signer(link.purpose).dumps(link.id))


def link_of(purpose: str, token: str) -> Link | None:
    """The link behind a token, open or not; None where the token is not one of ours for this purpose."""
    try:
        return db.session.get(Link, int(_signer(purpose).loads(token)))
    except (BadSignature, ValueError, TypeError):
        return None


def spend(link: Link, now: datetime) -> Principal:
    """Use the link up. Returns its holder as the one who acts. Raises Refused where it is spent or expired."""
    if not link.is_open(now):
        raise Refused("This link has been used already, or is too old. Ask for a new one.")
    link.spent_at = now
    return Principal(link.holder_id)


def lasting_token(purpose: str, about_id: int) -> str:
    """What stands in an address that always works, for whoever has it: no row, no expiry, nothing spent."""
    return str(_signer(f"lasting {purpose}").dumps(about_id))


def about_of(purpose: str, token: str) -> int | None:
    """The key that a lasting token is about; None where it is not one of ours for this purpose."""
    try:
        return int(_signer(f"lasting {purpose}").loads(token))
    except (BadSignature, ValueError, TypeError):
        return None
