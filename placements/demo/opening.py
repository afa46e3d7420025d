"""June to September: staff, runs with their dates and tutors, and the enrolments from the student record system."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time

from sqlalchemy import select

from placements.cohorts import actions, dates, enrolling, imports
from placements.cohorts.models import Enrolment, ModuleRun, RunRole, Theme
from placements.cohorts.queries import key_dates
from placements.core.clock import in_london
from placements.db import db
from placements.demo.cast import STAFF, TUTORS, hire
from placements.demo.stage import SYSTEM, Beat, Season, person_at, principal
from placements.files.actions import keep_sheet
from placements.tutoring.actions import set_load
from placements.tutoring.queries import tutors_of

LEADER = STAFF[0].email
DEPUTY = next(each.email for each in STAFF if each.short == "champion-discrimination")
MODERATOR = next(each.email for each in STAFF if each.short == "moderator")
EXAMINER = next(each.email for each in STAFF if each.short == "external")
COURSES = (
    ("UBPSYC", "Psychology BSc"),
    ("UBBUSM", "Business Management BA"),
    ("UBSOCW", "Social Work BSc"),
    ("UBCOMP", "Computer Science BSc"),
    ("UBCRIM", "Criminology BSc"),
    ("UBEDUC", "Education Studies BA"),
)
TAKES_ON = {  # by the tutor's given name: how many placements at most, and of which areas they know something
    "Maryam": (28, (Theme.POVERTY, Theme.HEALTH)),
    "Gareth": (38, (Theme.CRIME, Theme.ENVIRONMENT)),
    "Adaeze": (30, (Theme.DISCRIMINATION, Theme.HEALTH)),
    "Piotr": (30, (Theme.SOCIAL_WEALTH, Theme.ENVIRONMENT)),
}
STUDENT_DOMAIN = "student.example"
NINE = time(9)

AGREEMENT_DAYS = 84  # a year in which many are slow to write theirs, and few too slow


def chapter(season: Season) -> Iterator[Beat]:
    """Plan, staff and open the runs, then import the enrolments, and a correction two weeks later."""
    if season.starts == 2025:
        yield Beat(in_london(season.before(6, 2), NINE), hire)
    yield Beat(in_london(season.before(6, 3), NINE), lambda now: _plan(season, now))
    yield Beat(season.at(9, 1), lambda now: _open(season, now))
    students = _students(season)
    yield Beat(season.at(9, 21, 11), lambda now: import_rows(f"enrolments-{season.starts}.csv", students, now))
    if season.starts == 2026:
        corrected = [{**row, "Status": "Withdrawn"} if index == 5 else row for index, row in enumerate(students)]
        yield Beat(season.at(10, 5, 11), lambda now: import_rows(f"enrolments-{season.starts}.csv", corrected, now))


def _plan(season: Season, now: datetime) -> None:
    leader = principal(person_at(LEADER).id)
    for code in season.students:
        last_year = db.session.scalar(
            select(ModuleRun).where(ModuleRun.code == code).order_by(ModuleRun.academic_year.desc()).limit(1)
        )
        run = actions.plan_run(code, season.year, "YEAR", source=last_year, actor=leader, now=now)
        db.session.flush()
        actions.set_dates(run, _dates(season), actor=leader, now=now)
        if last_year is None:
            _staff(run, now)


def _dates(season: Season) -> dates.KeyDates:
    return dates.KeyDates(
        teaching_starts_on=season.on(9, 28),
        ranking_opens_at=season.at(10, 12),
        ranking_closes_at=season.at(10, 30, 17),
        offers_due_at=season.at(11, 10, 17),
        placements_start_on=season.on(11, 23),
        placed_by_on=season.on(12, 4),
        placements_end_on=season.on(4, 30),
        portfolio_due_at=season.at(5, 12, 15),
        board_on=season.on(6, 23),
        reassessment_due_at=season.at(7, 14, 15),
    )


def _staff(run: ModuleRun, now: datetime) -> None:
    for part in STAFF:
        for role, theme in part.on_runs:
            actions.give_role(run, person_at(part.email), role, theme, actor=SYSTEM, now=now)
    tutors = TUTORS[:2] if run.level == 6 else TUTORS[2:]
    for group, part in zip(run.groups, tutors, strict=True):
        tutor = person_at(part.email)
        actions.give_role(run, tutor, RunRole.TUTOR, actor=SYSTEM, now=now)
        actions.set_group(group, group.name, tutor, actor=SYSTEM, now=now)


def _open(season: Season, now: datetime) -> None:
    leader = principal(person_at(LEADER).id)
    for run in season.runs():
        actions.open_run(run, actor=leader, now=now)
        for part in run.components:
            if part.days_after_placing:
                part.days_after_placing = AGREEMENT_DAYS
        for tutor in tutors_of(run):
            set_load(tutor.role, *TAKES_ON[tutor.person.given_name], actor=leader, now=now)
        assert key_dates(run).portfolio_due_at is not None


def _students(season: Season) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for code, count in season.students.items():
        for index in range(count):
            given, family = next(season.names)
            number = f"{season.starts % 100}{len(rows) + 100001}"
            course, title = season.chance.choice(COURSES)
            rows.append(
                {
                    "Student number": number,
                    "Surname": family,
                    "Forename": given,
                    "Email": f"{given}.{family}.{number[-3:]}@{STUDENT_DOMAIN}".lower(),
                    "Course code": course,
                    "Course title": title,
                    "Level": code[2],
                    "Module code": code,
                    "Academic year": season.year,
                    "Period": "YEAR",
                    "Occurrence": "A" if index % 2 == 0 else "B",
                    "Mode": "Full time" if season.chance.random() < 0.8 else "Part time",
                    "Visa sponsored": "Yes" if season.chance.random() < 0.12 else "No",
                    "Status": "Registered",
                }
            )
    return rows


def row_of(enrolment: Enrolment) -> dict[str, str]:
    """The student's line as the student record system would send it again."""
    person = enrolment.person
    return {
        "Student number": person.student_number or "",
        "Surname": person.family_name,
        "Forename": person.given_name,
        "Email": person.email,
        "Course code": enrolment.course_code,
        "Course title": enrolment.course_title,
        "Level": str(enrolment.run.level),
        "Module code": enrolment.run.code,
        "Academic year": enrolment.run.academic_year,
        "Period": enrolment.run.period,
        "Occurrence": enrolment.group.occurrence,
        "Mode": enrolment.mode,
        "Visa sponsored": "Yes" if enrolment.is_visa_sponsored else "No",
        "Status": "Registered",
    }


def import_rows(file_name: str, rows: Sequence[Mapping[str, str]], now: datetime) -> None:
    """The module leader imports a file of these lines."""
    text = io.StringIO()
    sheet = csv.DictWriter(text, list(rows[0]))
    sheet.writeheader()
    sheet.writerows(rows)
    leader = principal(person_at(LEADER).id)
    upload = enrolling.read_upload(file_name, text.getvalue().encode("utf-8-sig"))
    kept = keep_sheet(upload, actor=leader, now=now)
    seen = imports.look(kept, leader)
    enrolling.apply_roster(kept, fingerprint=seen.fingerprint, leaves_out_errors=False, actor=leader, now=now)
