"""The page on which a module leader decides about a group that has shrunk."""

from typing import Any

from flask import flash, redirect, url_for

from placements.groups import actions, forms
from placements.groups.queries import Group, group_of
from placements.web.area import Area, page
from placements.web.site import now, who

groups = Area("groups", __name__)


@groups.form("/challenges/<public_id>/group", can="groups.decide", of=group_of)
def decide(found: Group) -> Any:
    """Who has left, who stays, and what becomes of them."""
    form = forms.DecideForm()
    if form.accepted():
        actions.decide(found, form.course.data, form.reason.data, actor=who(), now=now())
        flash("That is decided, and everybody concerned has been told.", "success")
        return redirect(url_for("home.next_up"))
    return page(form=form, group=found, challenge=found.challenge)
