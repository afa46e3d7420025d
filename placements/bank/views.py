"""One's own comments for marking: read, removed, shared."""

from typing import Any

from flask import abort, flash, redirect, request, url_for

from placements.bank import actions, queries
from placements.bank.models import BankComment
from placements.web.area import Area, page
from placements.web.site import now, who

bank = Area("bank", __name__)


@bank.get("/comment-bank", can="bank.comments")
def comments() -> Any:
    """What one has kept, the most used first."""
    return page(comments=queries.own(who()), runs=queries.led_runs(who()))


@bank.post("/comment-bank/<public_id>/remove", can="bank.drop", of=queries.own_comment)
def drop(comment: BankComment) -> Any:
    """Remove one."""
    actions.drop(comment)
    flash("The comment is removed. Marks that hold it keep it.", "success")
    return redirect(url_for("bank.comments"))


@bank.post("/comment-bank/<public_id>/share", can="bank.share", of=queries.own_comment)
def share(comment: BankComment) -> Any:
    """Share one with the markers of a run."""
    run = next((each for each in queries.led_runs(who()) if each.public_id == request.form.get("run")), None)
    if run is None:
        abort(404)
    actions.share(comment, run, actor=who(), now=now())
    flash(f"Every marker of {run.title} finds it now.", "success")
    return redirect(url_for("bank.comments"))


@bank.post("/comment-bank/<public_id>/unshare", can="bank.unshare", of=queries.own_comment)
def unshare(comment: BankComment) -> Any:
    """Keep one to oneself again."""
    actions.unshare(comment, actor=who(), now=now())
    flash("Only you find it now.", "success")
    return redirect(url_for("bank.comments"))
