"""Which state of an entry is the newest: each date that is set counts once, whoever sets it, and nothing counts back."""

import ast
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any

import flask_migrate
import pytest
from sqlalchemy import inspect, select, text

from placements.assessment.models import Submission
from placements.attendance.workflow import ContactState, DayState
from placements.calendar.entries import Entry
from placements.calendar.queries import entries_of
from placements.cohorts.models import ModuleRun
from placements.config import ROOT
from placements.db import Dated, db
from placements.reassessment.actions import withdraw_attempt
from tests import factories as make
from tests.calendar.everybody import Everybody, everybody
from tests.databases import Copy
from tests.factories import DAY, NOW
from tests.factories.feedback import feedback
from tests.fill import fill_empty_tables
from tests.races import one_waits
from tests.reassessment.scene import IN_JULY, accepted, claimed, failing, opened

WHEN, ON = datetime(2027, 6, 1, 14, tzinfo=UTC), date(2027, 6, 1)
KNOWN: Mapping[str, Mapping[str, Any]] = {  # by class: its dates, each with one that it has not had
    "Challenge": {"publish_on": ON},
    "Checkpoint": {"due_on": ON},
    "Component": {"due_at": WHEN, "feedback_weeks": 2},
    "ContactPoint": {"at": WHEN, "state": ContactState.MISSED},
    "Feedback": {"asked_at": WHEN},
    "ModuleRun": {
        "teaching_starts_on": ON,
        "ranking_opens_at": WHEN,
        "ranking_closes_at": WHEN,
        "offers_due_at": WHEN,
        "placements_start_on": ON,
        "placements_end_on": ON,
        "placed_by_on": ON,
        "board_on": ON,
        "reassessment_due_at": WHEN,
    },
    "Offer": {"deadline_at": WHEN},
    "Placement": {"starts_on": date(2027, 4, 1), "ends_on": ON},
    "PlannedDay": {"on": ON, "starts": time(9), "ends": time(18), "state": DayState.CANCELLED},
    "StagedRelease": {"release_at": WHEN},
    "Submission": {"due_at": WHEN, "deferred_at": WHEN, "received_at": WHEN},
}


def rows(there: Everybody) -> dict[str, Dated]:
    """One of each kind."""
    of = there.of
    run, placement = of.run, of.placements[0]
    made = [
        make.challenge(),
        make.checkpoint(run, title="Last"),
        of.portfolio,
        make.contact_point(placement),
        feedback(placement),
        run,
        make.offer(make.enrolment(of.group)),
        placement,
        there.days[0],
        make.staged_release(run, of.portfolio, of.leader.person),
        make.submission(of.enrolments[0], of.portfolio),
    ]
    db.session.flush()
    return {type(each).__name__: each for each in made}


def test_each_date_of_each_row_counts_when_it_is_set_and_nothing_else_does(session: Any) -> None:
    found = rows(everybody())
    assert found.keys() == KNOWN.keys() == {each.__name__ for each in Dated.__subclasses__()}
    for name, row in found.items():
        assert set(row.DATES) == KNOWN[name].keys()
        for field, value in KNOWN[name].items():
            assert getattr(row, field) != value
            before = row.moves
            setattr(row, field, value)
            session.flush()
            assert (name, field, row.moves) == (name, field, before + 1)
            setattr(row, field, value)
            session.flush()
            assert (name, field, row.moves) == (name, field, before + 1)
    run, portfolio = found["ModuleRun"], found["Component"]
    before = run.moves, portfolio.moves
    run.period, portfolio.title = "OTHER", "Another name"  # type: ignore[attr-defined]
    session.flush()
    assert (run.moves, portfolio.moves) == before


def test_a_row_made_with_a_date_counts_more_than_one_without(session: Any) -> None:
    of = everybody(students=2).of
    bare, dated = (
        make.submission(of.enrolments[0], of.portfolio),
        make.submission(of.enrolments[1], of.portfolio, due_at=WHEN),
    )
    assert (bare.moves, dated.moves) == (0, 1)


def test_two_who_set_dates_at_the_same_moment_both_count(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        run = make.run()
        db.session.commit()
        key, before = run.id, run.moves

    def sets(name: str, value: object) -> None:
        setattr(db.session.get_one(ModuleRun, key), name, value)

    acts = partial(sets, "board_on", ON), partial(sets, "reassessment_due_at", WHEN)
    assert one_waits(fresh_database, *acts) == [None, None]
    with fresh_database.app.app_context():
        assert db.session.get_one(ModuleRun, key).moves == before + 2


# What an entry says


def due(entries: list[Entry]) -> Entry:
    [found] = [each for each in entries if each.what == "Hand in: Final Project Portfolio"]
    return found


def test_a_deferral_moves_the_entry(session: Any) -> None:
    of = failing((60, None))
    student = of.students[0]
    before = due(entries_of(of.who(student)))
    made = claimed(of)
    session.flush()
    assert due(entries_of(of.who(student))) == before  # that a claim was made shows nowhere
    accepted(of, made)
    after = due(entries_of(of.who(student)))
    assert (after.uid, after.at) == (before.uid, datetime(IN_JULY.year, IN_JULY.month, IN_JULY.day, 14, tzinfo=UTC))
    assert after.sequence > before.sequence


def test_an_attempt_that_is_opened_a_second_time_is_another_entry(session: Any) -> None:
    of = failing((60, 30))
    student = of.students[0]
    first_attempt = due(entries_of(of.who(student)))
    opened(of)
    session.flush()
    attempt = session.scalars(select(Submission).where(Submission.attempt == 2)).one()
    second = due(entries_of(of.who(student)))
    attempt.due_at = WHEN + 60 * DAY
    session.flush()
    moved = due(entries_of(of.who(student)))
    assert (moved.uid, moved.sequence > second.sequence) == (second.uid, True)
    withdraw_attempt(attempt, "A mistake.", actor=of.who(of.leader), now=NOW)
    session.flush()
    assert due(entries_of(of.who(student))) == first_attempt
    opened(of)
    session.flush()
    third = due(entries_of(of.who(student)))
    assert len({first_attempt.uid, second.uid, third.uid}) == 3


def test_feedback_weeks_move_every_date_that_hangs_on_them(session: Any) -> None:
    there = everybody()
    of = there.of
    make.submission(of.enrolments[0], of.portfolio, due_at=of.portfolio.due_at + 14 * DAY)  # type: ignore[operator]
    said = ("Mark and feedback due", "Marking due")

    def found() -> list[Entry]:
        entries = [*there.entries(of.students[0]), *there.entries(of.tutor)]
        return [each for each in entries if each.what.startswith(said)]

    before = found()
    of.portfolio.feedback_weeks = 4
    after = found()
    assert len(before) == 2
    assert [each.uid for each in after] == [each.uid for each in before]
    assert [each.begins_at for each in after] == [each.begins_at + 7 * DAY for each in before]
    assert [each.sequence for each in after] == [each.sequence + 1 for each in before]


# What would go uncounted


def uncounted(source: str, dated: set[str]) -> Iterator[str]:
    """Bulk updates of dated rows: the ORM sets nothing there, so nothing is counted."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and getattr(node.args[0], "id", "") in dated:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("update", "bulk_update_mappings"):
                yield f"{name}({node.args[0].id})"  # type: ignore[attr-defined]


@pytest.mark.pure
def test_no_date_is_set_past_the_count() -> None:
    folder = ROOT / "placements"
    found = [
        (path.relative_to(folder).as_posix(), each)
        for path in folder.rglob("*.py")
        for each in uncounted(path.read_text(), {*KNOWN})
    ]
    assert found == [("specification/actions.py", "update(Component)")]  # when it was locked, which no calendar shows


@pytest.mark.pure
def test_a_bulk_update_would_be_found() -> None:
    planted = "db.session.execute(update(Offer).values(deadline_at=now))\nsa.update(Mark)"
    assert list(uncounted(planted, {*KNOWN})) == ["update(Offer)"]


@pytest.mark.long
def test_no_calendar_is_told_a_smaller_number_than_before_they_were_counted(empty_database: Copy) -> None:
    """Until then it was counted from the history: rows about the run, the component, and the submission."""
    folder = ROOT / "migrations"
    [file] = (folder / "versions").glob("*_moves.py")
    revision = file.name[:4]
    row = "INSERT INTO history (at, verb, about_kind, about_id, ability, fields) VALUES (:at, 'x', :kind, :id, :who, '[]')"
    said = {"at": NOW.isoformat(sep=" "), "who": None}
    with empty_database.app.app_context():
        flask_migrate.upgrade(str(folder), revision)
        flask_migrate.downgrade(str(folder), "-1")
        with db.engine.begin() as connection:
            fill_empty_tables(connection)
            keys = {
                kind: connection.scalar(text(f"SELECT min(id) FROM {kind}"))
                for kind in ("module_run", "component", "submission", "offer")
            }
            connection.execute(text("DELETE FROM history"))
            for kind, times in (("module_run", 2), ("component", 1), ("submission", 3), ("offer", 1)):
                for _ in range(times):
                    connection.execute(text(row), said | {"kind": kind, "id": keys[kind]})
            hidden = {"kind": "submission", "id": keys["submission"], "who": "reassessment.student"}
            connection.execute(text(row), said | hidden)  # nobody is to learn how often that was
        flask_migrate.upgrade(str(folder), revision)
        with db.engine.connect() as connection:
            found = {
                kind: connection.scalar(text(f"SELECT moves FROM {kind} WHERE id = {key}"))
                for kind, key in keys.items()
            }
            assert found == {"module_run": 0, "component": 3, "submission": 3, "offer": 0}
            assert "moves" in {each["name"] for each in inspect(connection).get_columns("planned_visit")}
