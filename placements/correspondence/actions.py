"""Verbs on one's own mail: when it comes, and what of it does not."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.core.seen import fingerprint
from placements.correspondence.kinds import hour_of
from placements.correspondence.rules import Kind
from placements.db import hold_row
from placements.history.actions import record
from placements.mail import muting
from placements.mail.models import Message
from placements.mail.pacing import HOURS
from placements.people.models import Person


def seen_of(hour: int, muted: Iterable[str]) -> str:
    """The fingerprint of what somebody has chosen by now."""
    return fingerprint((hour, sorted(muted)))


def choose(
    person: Person,
    hour: int,
    muted: Collection[str],
    kinds: Sequence[Kind],
    *,
    seen: str,
    actor: Principal,
    now: datetime,
) -> None:
    """Keep when the person's mail comes, and which of these kinds do not; other kinds stay as they are.

    Raises Refused for an hour that is none of ours, for a kind that nobody may mute, and where something was chosen
    elsewhere since the page was shown, whose fingerprint is `seen`.
    """
    hold_row(person, "id")
    offered = {each.name for each in kinds}
    if seen != seen_of(hour_of(person.id), muting.muted_by(person.id) & offered):
        raise Refused("You changed this elsewhere since you opened the page. Look again, then save.")
    if hour not in HOURS:
        raise Refused("Choose when your mail comes.", "hour")
    if set(muted) - set(muting.may_mute(offered)):
        raise Refused("One of these cannot be muted.", "muted")
    muting.choose_hour(person.id, hour)
    changed = [*muting.mute(person.id, muted), *muting.unmute(person.id, offered - set(muted))]
    record("chose what they get by mail", person, actor=actor, now=now, person_id=person.id, fields=changed)


def mute_kinds_of(message: Message, *, now: datetime) -> None:
    """Say nothing of those kinds to the message's recipient any more that may be muted. Again changes nothing."""
    hold_row(message.recipient, "id")
    stopped = muting.mute(message.recipient_id, kinds_of(message))
    _record("muted mail", message, stopped, now)


def unmute_kinds_of(message: Message, *, now: datetime) -> None:
    """Take that back."""
    hold_row(message.recipient, "id")
    back = muting.unmute(message.recipient_id, kinds_of(message))
    _record("took the muting of mail back", message, back, now)


def kinds_of(message: Message) -> list[str]:
    """The notices in the message that may be muted."""
    return muting.may_mute([each.notice for each in message.notifications])


def _record(verb: str, message: Message, names: Collection[str], now: datetime) -> None:
    if names:
        who = Principal(message.recipient_id)
        record(verb, message.recipient, actor=who, now=now, person_id=message.recipient_id, fields=names)
