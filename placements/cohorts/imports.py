"""A roster looked at: which runs and people its rows belong to, and what importing it would change now."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.accounts.models import Account, account_role
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun, RosterImport, TimeslotGroup
from placements.cohorts.roster import LineError, Preview, Roster, compare, without
from placements.cohorts.roster_row import HEADINGS, Key, RosterRow, RosterStatus
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.core.policy import Principal
from placements.core.seen import fingerprint
from placements.db import db
from placements.people.models import Person, email_key

STATUS_OF = {EnrolmentState.WITHDRAWN: RosterStatus.WITHDRAWN, EnrolmentState.DEFERRED: RosterStatus.DEFERRED}


@dataclass(frozen=True)
class Known:
    """What we hold of the rows' runs, enrolments and people."""

    groups: dict[tuple[str, str, str, str], TimeslotGroup]  # code, year, period, occurrence
    runs: dict[tuple[str, str, str], ModuleRun]
    enrolments: dict[Key, Enrolment]
    by_number: dict[str, Person]
    by_email: dict[str, Person]
    staff: frozenset[int]
    team: frozenset[tuple[int, int]]  # person, run

    def person_of(self, row: RosterRow) -> Person | None:
        """Whom the row is about: by student number, else by address."""
        return self.by_number.get(row.student_number) or self.by_email.get(email_key(row.email))

    def group_of(self, row: RosterRow) -> TimeslotGroup:
        """The row's timeslot group; the row has been checked."""
        return self.groups[row.module_code, row.academic_year, row.period, row.occurrence]


@dataclass(frozen=True)
class Look:
    """A roster beside what is known: what it would change, and a mark that differs when any of it does."""

    preview: Preview
    known: Known

    @property
    def fingerprint(self) -> str:
        """The same for the same changes, so that exactly what was looked at is applied."""
        return fingerprint(self.preview)


def stored(row: RosterRow) -> dict[str, Any]:
    """The row as it is kept with its import."""
    return {**vars(row), "status": row.status.value}


def roster_of(upload: RosterImport) -> Roster:
    """The uploaded roster as it was read."""
    rows: list[dict[str, Any]] = upload.rows
    errors: list[dict[str, Any]] = upload.errors
    return Roster(
        tuple(RosterRow(**{**row, "status": RosterStatus(row["status"])}) for row in rows),
        tuple(LineError(**error) for error in errors),
        tuple(upload.ignored_columns),
    )


def look(upload: RosterImport, who: Principal) -> Look:
    """What importing the roster would do now, in the runs that `who` leads. Seven queries, however many rows."""
    roster = roster_of(upload)
    known = _known(roster.rows, who)
    roster = without(roster, list(_problems(roster.rows, known)))
    held = {key: held_row(enrolment) for key, enrolment in known.enrolments.items()}
    return Look(compare(roster, held), known)


def held_row(enrolment: Enrolment) -> RosterRow:
    """An enrolment as a line of the file would say it."""
    person, run = enrolment.person, enrolment.run
    return RosterRow(
        student_number=person.student_number or "",
        surname=person.family_name,
        forename=person.given_name,
        email=email_key(person.email),
        course_code=enrolment.course_code,
        course_title=enrolment.course_title,
        level=run.level,
        module_code=run.code,
        academic_year=run.academic_year,
        period=run.period,
        occurrence=enrolment.group.occurrence,
        mode=enrolment.mode,
        is_visa_sponsored=enrolment.is_visa_sponsored,
        status=STATUS_OF.get(enrolment.state, RosterStatus.REGISTERED),
    )


def _known(rows: Sequence[RosterRow], who: Principal) -> Known:
    led = select(ModuleRun).where(ModuleRun.id.in_(who.held_on("leader")))
    runs = db.session.scalars(led.options(selectinload(ModuleRun.groups))).all()
    named = {(row.module_code, row.academic_year) for row in rows}
    concerned = [run.id for run in runs if (run.code, run.academic_year) in named]
    enrolments = db.session.scalars(
        select(Enrolment)
        .join(Enrolment.person)
        .where(Enrolment.run_id.in_(concerned), Person.student_number.is_not(None))
        .options(contains_eager(Enrolment.person), joinedload(Enrolment.run), joinedload(Enrolment.group))
        .order_by(Enrolment.id)
    )
    people = db.session.scalars(
        select(Person).where(
            or_(
                Person.student_number.in_({row.student_number for row in rows}),
                Person.email_key.in_({email_key(row.email) for row in rows}),
            )
        )
    ).all()
    team = {
        (person_id, run_id) for person_id, run_id in db.session.execute(select(RoleOnRun.person_id, RoleOnRun.run_id))
    }
    everywhere = select(Account.person_id).join(account_role, account_role.c.account_id == Account.id)
    return Known(
        groups={
            (run.code, run.academic_year, run.period, group.occurrence): group for run in runs for group in run.groups
        },
        runs={(run.code, run.academic_year, run.period): run for run in runs},
        enrolments={
            (str(each.person.student_number), each.run.code, each.run.academic_year): each for each in enrolments
        },
        by_number={person.student_number: person for person in people if person.student_number},
        by_email={person.email_key: person for person in people},
        staff=frozenset({person_id for person_id, _ in team} | set(db.session.scalars(everywhere))),
        team=frozenset(team),
    )


def _problems(rows: Iterable[RosterRow], known: Known) -> Iterator[LineError]:
    for row in rows:
        problem = _misplaced(row, known) or _mistaken(row, known)
        if problem:
            yield LineError(row.line, HEADINGS[problem[0]], problem[1], row.student_number)


def _misplaced(row: RosterRow, known: Known) -> tuple[str, str] | None:
    """Why the row has no place here: its run or its group is not known, or is over."""
    title = f"{row.module_code} {row.academic_year}"
    run = known.runs.get((row.module_code, row.academic_year, row.period))
    if run is None:
        periods = sorted(key[2] for key in known.runs if key[:2] == (row.module_code, row.academic_year))
        if not periods:
            return "module_code", f"You lead no module run {title}. Plan it first, or leave this line to its leader."
        return "period", f"{title} has no period {row.period} here, only {' and '.join(periods)}."
    if run.state is RunState.CLOSED:
        return "module_code", f"{title} is closed, so nobody can be enrolled on it."
    groups = sorted(group.occurrence for group in run.groups)
    if row.occurrence not in groups:
        said = f"It has {' and '.join(groups)}." if groups else "It has none yet."
        return "occurrence", f"{title} has no timeslot group {row.occurrence}. {said} Add the group, or mend the line."
    return None


def _mistaken(row: RosterRow, known: Known) -> tuple[str, str] | None:
    """Why the row cannot be about the person it names."""
    person, namesake = known.person_of(row), known.by_email.get(email_key(row.email))
    if person is None:
        return None
    run = known.runs[row.module_code, row.academic_year, row.period]
    if (person.id, run.id) in known.team:
        return "student_number", f"{person.name} works on {run.title}, so cannot study on it too."
    if namesake is not None and (namesake is not person or namesake.student_number not in (None, row.student_number)):
        return "email", "This address belongs to somebody else here. Check it with the student record."
    is_other_address = person.email_key != email_key(row.email)
    if person.id in known.staff and (is_other_address or person.student_number is None):
        return (
            "email",
            f"{person.name} also works here, so this file cannot change their address. Ask the administrator.",
        )
    return None
