"""Opening the photos and files that show a visit, always as a download; their student removes them."""

from typing import Any

from flask import flash, redirect, url_for

from placements.files.serving import send
from placements.logbook import evidence as shown
from placements.logbook import queries
from placements.logbook.models import EntryEvidence
from placements.logbook.student_views import logbook
from placements.logbook.workflow import EntryState
from placements.web.site import now, who


@logbook.get("/log-files/<public_id>", can="logbook.evidence", of=queries.evidence_seen)
def evidence(evidence: EntryEvidence) -> Any:
    """A photo or file of a visit; for an external examiner under a neutral name. A leader's opening it is kept."""
    placement = evidence.entry.placement
    enrolment, person_id = placement.enrolment, who().person_id
    tutors = who().has("group_tutor", enrolment.group_id) or who().has("placement_tutor", placement.id)
    if who().has("leader", enrolment.run_id) and not tutors and person_id != enrolment.person_id:
        shown.note_download(evidence, actor=who(), now=now())
    if who().has("external", enrolment.run_id):
        ending = evidence.file.name.rpartition(".")[2].lower()
        return send(evidence.file, f"{enrolment.person.student_number or 'visit'}-{evidence.public_id}.{ending}")
    return send(evidence.file)


@logbook.post("/log-files/<public_id>/remove", can="logbook.remove_evidence", of=queries.own_evidence)
def remove_evidence(evidence: EntryEvidence) -> Any:
    """Take a photo or file away from one's visit."""
    shown.remove(evidence, actor=who(), now=now())
    flash("It is removed, and nobody can open it any more.", "success")
    endpoint = "logbook.edit" if evidence.entry.state is EntryState.DRAFT else "logbook.entry"
    return redirect(url_for(endpoint, public_id=evidence.entry.public_id))
