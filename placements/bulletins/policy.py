"""Who writes to many: leaders to those of the runs they lead, the engagement team to people at organisations.

Whoever wrote a message changes and sends it, since it goes out in their name; their colleagues can hold or stop it.
"""

from datetime import datetime

from placements.bulletins.models import Bulletin
from placements.bulletins.workflow import BULLETIN
from placements.core.policy import Abilities, Principal, condition, has_role, state


def may_write_to(who: Principal, run_id: int | None) -> bool:
    """Whether they may write to people of that run; None: to people at organisations."""
    return who.has("engagement") if run_id is None else who.has("leader", run_id)


@condition
def looks_after(who: Principal, bulletin: Bulletin, now: datetime) -> bool:
    """May write to such people too."""
    return may_write_to(who, bulletin.run_id)


@condition
def wrote(who: Principal, bulletin: Bulletin, now: datetime) -> bool:
    """Wrote it."""
    return bulletin.sender_id == who.person_id


@state
def has_not_begun(who: Principal, bulletin: Bulletin, now: datetime) -> bool:
    """Nobody was written to yet."""
    return bulletin.begun_at is None


@state
def has_begun(who: Principal, bulletin: Bulletin, now: datetime) -> bool:
    """It is settled who gets it."""
    return bulletin.begun_at is not None


own = looks_after & wrote
may_begin = has_role("leader", "engagement")

ABILITIES: Abilities = {
    "bulletins.messages": may_begin,
    "bulletins.begin": may_begin,
    "bulletins.bulletin": looks_after,
    "bulletins.choose": own & BULLETIN.can("write"),
    "bulletins.write": own & BULLETIN.can("write"),
    "bulletins.send": own & BULLETIN.can("send"),
    "bulletins.take_back": own & BULLETIN.can("take_back") & has_not_begun,
    "bulletins.discard": own & BULLETIN.can("discard"),
    "bulletins.hold": looks_after & BULLETIN.can("hold"),
    "bulletins.go_on": looks_after & BULLETIN.can("go_on"),
    "bulletins.stop": looks_after & BULLETIN.can("stop"),
    "bulletins.export": looks_after & has_begun,
}
