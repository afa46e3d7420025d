"""Nudging several people at once: choose them, look at who gets what, send."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.reading import desk, nudging
from placements.reading.forms import NudgeForm
from placements.reading.grade_views import reading
from placements.reading.rules import TEXTS, WHYS, Why
from placements.web.area import page
from placements.web.filters import count
from placements.web.site import now, who

__all__ = ["reading"]


@reading.form("/reading/nudge", can="reading.nudge")
def nudge() -> Any:
    """Write to several students, or supervisors, at once; first as a preview."""
    asked = request.args.get("why", "")
    why = Why(asked) if asked in list(Why) else Why.SILENT
    found = nudging.candidates(who(), why, now())
    form = NudgeForm(data={"text": TEXTS[why]})
    form.offered = [each.placement.public_id for each in found]
    chosen = [each for each in found if each.placement.public_id in (form.people.data or ())]
    looked_at = form.accepted()
    seen = nudging.fingerprint(chosen, form.text.data or "") if looked_at else None
    if seen and form.seen.data == seen:
        sent = desk.nudge(why, chosen, form.text.data, form_key=form.form_key.data, actor=who(), now=now())
        people = count(len({each.person.id for each in chosen}), "person", "people")
        flash(f"Sent to {people}." if sent else "This was sent already.", "success")
        return redirect(url_for("reading.nudge", why=why))
    return page(
        form=form,
        why=why,
        whys=WHYS,
        found=found,
        chosen=chosen if form.is_submitted() else found,
        seen=seen,
        has_changed=bool(seen and form.seen.data),
    )
