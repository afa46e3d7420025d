"""Keeping comments, sharing them with a run, and counting how often they are used."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, update

from placements.bank.models import COMMENT_LENGTH, BankComment
from placements.bank.queries import offered_for
from placements.bank.rules import newly_used
from placements.cohorts.models import Component, ModuleRun
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import db, insert_new, new_public_id
from placements.history.actions import record

MOST_COMMENTS = 200  # ours: a longer list is not found one's way in


def keep_comment(component: Component, criterion: str, text: str, *, actor: Principal) -> None:
    """Keep words for the next script; the same twice are kept once. Raises Refused for one too many or too long."""
    if not text:
        raise Refused("Write the comment first, then keep it.")
    if len(text) > COMMENT_LENGTH:
        raise Refused(f"Shorten the comment to {COMMENT_LENGTH:,} characters to keep it.")
    kept = db.session.scalar(select(func.count(BankComment.id)).where(BankComment.owner_id == actor.person_id))
    if (kept or 0) >= MOST_COMMENTS:
        raise Refused(f"You have {MOST_COMMENTS} comments. Remove one before you keep another.")
    said = {"owner_id": actor.person_id, "kind": component.kind, "criterion": criterion, "text": text, "uses": 0}
    insert_new(BankComment, [{"public_id": new_public_id(), **said}])


def drop(comment: BankComment) -> None:
    """Remove a comment from one's bank, and from the run that it is shared with. Marks that hold it keep it."""
    db.session.delete(comment)


def share(comment: BankComment, run: ModuleRun, *, actor: Principal, now: datetime) -> None:
    """Let every marker of the run use it. Raises NotAllowed where the actor does not lead the run."""
    if not actor.has("leader", run.id):
        raise NotAllowed
    if comment.shared_run_id != run.id:
        comment.shared_run_id = run.id
        record("shared a comment for marking", run, actor=actor, now=now)


def unshare(comment: BankComment, *, actor: Principal, now: datetime) -> None:
    """Keep it to oneself again. What was written with it stays."""
    if comment.shared_run is not None:
        record("no longer shares a comment for marking", comment.shared_run, actor=actor, now=now)
        comment.shared_run_id = None


def count_uses(component: Component, before: Iterable[str], after: Iterable[str], *, actor: Principal) -> None:
    """Count each comment on offer that now stands in a mark and did not before."""
    offered = {each.text: each for each in offered_for(actor, component)}
    used = sorted(offered[text].id for text in newly_used(offered, before, after))
    if used:
        db.session.execute(update(BankComment).where(BankComment.id.in_(used)).values(uses=BankComment.uses + 1))
