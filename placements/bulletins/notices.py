"""The message itself, as each of its recipients reads it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from placements.bulletins.audience import is_member, organisations_of, sender_may
from placements.bulletins.models import Bulletin
from placements.bulletins.rules import AT_ORGANISATIONS, MAY_MUTE, blocks, filled
from placements.bulletins.workflow import GOES
from placements.db import db
from placements.mail.notices import Notice
from placements.people.models import Person


def words_for(bulletin: Bulletin, reader: Person) -> Mapping[str, Any]:
    """Subject and words as that reader gets them."""
    names = organisations_of(bulletin, [reader.id]) if bulletin.audience in AT_ORGANISATIONS else {}
    values = {
        "given_name": reader.given_name,
        "name": reader.name,
        "sender": bulletin.sender.name,
        "organisation": " and ".join(names.get(reader.id, ())) or "your organisation",
        **({"run": bulletin.run.title} if bulletin.run else {}),
    }
    return {
        "title": filled(bulletin.subject, values),
        "blocks": blocks(filled(bulletin.words, values)),
        "bulletin": bulletin,
    }


def _bulletin(bulletin_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    bulletin = db.session.get_one(Bulletin, bulletin_id)
    if bulletin.state not in GOES or not sender_may(bulletin) or not is_member(bulletin, recipient.id):
        return None
    return words_for(bulletin, recipient)


BULLETIN = Notice("bulletins.bulletin", _bulletin)
TO_ORGANISATIONS = Notice("bulletins.to_organisations", _bulletin, may_mute=True)
NOTICES = (BULLETIN, TO_ORGANISATIONS)


def notice_of(bulletin: Bulletin) -> Notice:
    """What it is said by: people at organisations may mute such messages, who studies or teaches may not."""
    return TO_ORGANISATIONS if bulletin.audience in MAY_MUTE else BULLETIN
