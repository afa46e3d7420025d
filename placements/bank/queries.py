"""Comments to use again: one's own, and those that a run's leader shares with its markers."""

from collections.abc import Sequence

from sqlalchemy import Select, case, or_, select
from sqlalchemy.orm import joinedload

from placements.bank.models import BankComment
from placements.cohorts.models import Component, ModuleRun
from placements.cohorts.workflow import RunState
from placements.core.policy import Principal
from placements.db import db


def _most_used(who: Principal) -> Select[BankComment]:
    """One's own by how often they were used; how often others' were would tell what another marker has just written."""
    uses = case((BankComment.owner_id == who.person_id, BankComment.uses), else_=0)
    return select(BankComment).order_by(uses.desc(), BankComment.text, BankComment.id)


def offered_for(who: Principal, component: Component) -> Sequence[BankComment]:
    """What `who` can put into a mark of the component, the most used of their own first. One query."""
    of_kind = _most_used(who).where(BankComment.kind == component.kind)
    theirs = or_(BankComment.owner_id == who.person_id, BankComment.shared_run_id == component.run_id)
    return db.session.scalars(of_kind.where(theirs)).all()


def own(who: Principal) -> Sequence[BankComment]:
    """One's own, the most used first. One query."""
    mine = _most_used(who).where(BankComment.owner_id == who.person_id)
    return db.session.scalars(mine.options(joinedload(BankComment.shared_run))).all()


def own_comment(who: Principal, public_id: str) -> BankComment | None:
    """One of one's own."""
    return db.session.scalar(
        select(BankComment).where(BankComment.public_id == public_id, BankComment.owner_id == who.person_id)
    )


def led_runs(who: Principal) -> Sequence[ModuleRun]:
    """The runs that `who` leads and may share comments with. One query."""
    led = select(ModuleRun).where(ModuleRun.id.in_(who.held_on("leader")), ModuleRun.state == RunState.OPEN)
    return db.session.scalars(led.order_by(ModuleRun.academic_year, ModuleRun.code)).all()
