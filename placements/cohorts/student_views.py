"""Pages of a run's students: bringing them in from a roster, and the list. The area's routes begin here."""

from functools import partial
from typing import Any

from flask import flash, redirect, request, url_for

from placements.cohorts import enrolling, imports, queries
from placements.cohorts.models import ModuleRun, RosterImport
from placements.cohorts.roster_row import HEADINGS
from placements.cohorts.student_forms import ApplyForm, StudentFilters, UploadForm
from placements.cohorts.students import all_of, groups_listed, page_of, students_of
from placements.core.workflow import say_state
from placements.files.actions import keep_sheet
from placements.files.queries import sheet_of, sheets_of
from placements.mail.reached import reach_of
from placements.web.area import Area, page, prepared
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.sheets import csv_download
from placements.web.site import now, who
from placements.web.uploads import posted_sheet

SHOWN = 100  # of one kind of row on a preview
COLUMNS = (
    ("name", "Name"),
    ("number", "Student number"),
    ("course", "Course"),
    ("group", "Group"),
    ("status", "Status"),
)

cohorts = Area("cohorts", __name__)


def _posted() -> RosterImport | None:
    return posted_sheet(enrolling.read_upload, "leader", "Choose the enrolment file")


@cohorts.form("/runs/import", can="cohorts.upload_roster", prepare=_posted)
def upload_roster() -> Any:
    """Choose an enrolment file; nothing changes yet."""
    form = UploadForm()
    if form.accepted():
        kept = keep_sheet(prepared(), actor=who(), now=now())
        return redirect(url_for("cohorts.apply_roster", public_id=kept.public_id))
    return page(form=form, headings=HEADINGS, earlier=sheets_of(RosterImport, who()))


@cohorts.form("/runs/import/<public_id>", can="cohorts.apply_roster", of=partial(sheet_of, RosterImport))
def apply_roster(upload: RosterImport) -> Any:
    """What the file would change, and the button that does it; afterwards, what it did."""
    form = ApplyForm()
    if form.accepted():
        enrolling.apply_roster(
            upload,
            fingerprint=form.fingerprint.data or "",
            leaves_out_errors=form.leave_out.data,
            actor=who(),
            now=now(),
        )
        flash("The file is imported. New students are being written to.", "success")
        return redirect(url_for("cohorts.apply_roster", public_id=upload.public_id))
    seen = imports.look(upload, who()) if upload.applied_at is None else None
    form.fingerprint.data = seen.fingerprint if seen else ""
    return page(form=form, upload=upload, preview=seen.preview if seen else None, shown=SHOWN, headings=HEADINGS)


def _asked(run: ModuleRun, filters: StudentFilters) -> Any:
    given = filters.values()
    return students_of(
        who(), run, search=given["search"], group=given["group"], state=given["status"], order=request.args.get("sort")
    )


def _list_url(endpoint: str, run: ModuleRun, sort: str | None) -> str:
    asked: dict[str, Any] = {name: request.args.get(name) for name in ("search", "group", "status")}
    return url_for(endpoint, public_id=run.public_id, **asked, sort=sort)


def _columns(run: ModuleRun) -> list[dict[str, Any]]:
    """The list's headings: each sorts by itself, and turned round where it does already."""
    sort = request.args.get("sort") or "name"
    columns = []
    for key, label in COLUMNS:
        direction = {key: "ascending", f"-{key}": "descending"}.get(sort)
        url = _list_url("cohorts.students", run, f"-{key}" if direction == "ascending" else key)
        columns.append({"label": label, "sort_url": url, "sorted": direction})
    return columns


@cohorts.get("/runs/<public_id>/students", can="cohorts.students", of=queries.bare_run_of)
def students(run: ModuleRun) -> Any:
    """The run's students: all for its leader, their own groups' for a tutor."""
    filters = StudentFilters(groups_listed(who(), run))
    rows, count = page_of(_asked(run, filters), PAGE_SIZE, page_number())
    return page(
        run=run,
        filters=filters,
        rows=rows,
        unreached={key for key, reach in reach_of([each.person_id for each in rows]).items() if reach.bounce},
        paging=paging(len(rows), count),
        columns=_columns(run),
        export_url=_list_url("cohorts.export_students", run, request.args.get("sort")),
    )


@cohorts.get("/runs/<public_id>/students.csv", can="cohorts.export_students", of=queries.bare_run_of)
def export_students(run: ModuleRun) -> Any:
    """The same students in the same order, as a sheet."""
    filters = StudentFilters(groups_listed(who(), run))
    header = ("Student number", "Surname", "Forename", "Email", "Course code", "Course title", "Mode", "Group")
    rows = (
        (
            each.person.student_number,
            each.person.family_name,
            each.person.given_name,
            each.person.email,
            each.course_code,
            each.course_title,
            each.mode,
            each.group.name,
            each.group.tutor.name if each.group.tutor else None,
            say_state(each.state),
        )
        for each in all_of(_asked(run, filters))
    )
    return csv_download(f"Students {run.title}", (*header, "Tutor", "Status"), rows)
