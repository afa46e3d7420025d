"""Pages of case files: what was made of a student, and asking for another."""

from typing import Any

from flask import flash, redirect, url_for

from placements.cases import actions, forms, queries
from placements.cases.models import CaseExport
from placements.cases.rules import KEPT_FOR
from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.files.serving import send
from placements.web.area import Area, page
from placements.web.site import now, who

cases = Area("cases", __name__)


@cases.form("/enrolments/<public_id>/case", can="cases.student", of=queries.enrolment_of)
def student(enrolment: Enrolment) -> Any:
    """What a case file holds and who sees that it was made; those there are; have one made."""
    form = forms.CaseForm()
    if form.accepted():
        actions.ask(enrolment, form.reason.data, actor=who(), now=now())
        flash("The file is being made. It is here within a few minutes; you need do nothing.", "success")
        return redirect(url_for("cases.student", public_id=enrolment.public_id))
    return page(
        form=form,
        enrolment=enrolment,
        exports=queries.exports_of(enrolment),
        waiting=queries.asked_by(enrolment, who().person_id),
        me=who().person_id,
        would_be_kept_until=today(now()) + KEPT_FOR,
    )


@cases.get("/case-files/<public_id>.zip", can="cases.download", of=queries.export_of)
def download(export: CaseExport) -> Any:
    """The file itself. That it is read is written down first."""
    assert export.file is not None
    file = export.file
    actions.note_download(export, actor=who(), now=now())
    return send(file)
