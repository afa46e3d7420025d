"""What the marker sees is the logbook as it was handed in, whatever becomes of it afterwards."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from placements.assessment.actions import submit
from placements.assessment.evidence import logbook_behind
from placements.assessment.models import Mark, Submission
from placements.assessment.queries import Task
from placements.confirming import actions as confirming
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.files.actions import Received
from placements.logbook.hours import hours_of
from placements.logbook.ledger import Totals
from placements.logbook.models import Entry, How
from placements.reading import freezing, frozen
from placements.reading.models import LogbookSnapshot
from tests import factories as make
from tests.client import PageClient
from tests.databases import seeding
from tests.factories import NOW
from tests.logbook.cast import WEDNESDAY, Cast, cast, committed, known, logged
from tests.logbook.test_replay import LEADS, end, expected, play

MINUTE = timedelta(minutes=1)
Acts = list[tuple[str, int, int]]
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("log"), st.just(0), st.integers(1, 6)),
        st.tuples(st.just("hand in"), st.just(0), st.just(0)),
        st.tuples(st.just("end"), st.integers(0, 3), st.just(0)),
        st.tuples(st.sampled_from(sorted(LEADS)), st.integers(0, 3), st.integers(1, 6)),
    ),
    max_size=14,
)


@dataclass
class Told:
    """The story told by hand: each visit's state and minutes, and what was so at each handing in."""

    last_on: date
    book: list[list[Any]] = field(default_factory=list)
    touched: list[int] = field(default_factory=list)  # how often something happened to each visit
    endings: int = 0
    handed_in: list[tuple[datetime, list[list[Any]], list[int], Totals, int]] = field(default_factory=list)


def hand_in(people: Cast, now: datetime) -> Submission:
    """The student hands a portfolio in, with a file that was never handed in before."""
    component, enrolment = people.run.components[0], people.placement.enrolment
    there = db.session.scalar(select(Submission).where(Submission.enrolment_id == enrolment.id))
    file = Received(f"{int(now.timestamp()):064x}", "Portfolio.pdf", "application/pdf", 1200)
    task, actor = Task(component, enrolment, there), Principal(people.student.person_id)
    return submit(task, [file], actor=actor, now=now)


def tell(people: Cast, acts: Acts) -> Told:
    """Do it all through the real verbs, and keep the book by hand."""
    told, entries = Told(people.placement.ends_on), []
    for number, (verb, which, hours) in enumerate(acts):
        now = NOW + (number + 1) * MINUTE
        if verb == "log" and len(entries) < 4:
            entries.append(logged(people, -len(entries), hours, now=now))
            told.book.append(["waiting", hours * 60])
            told.touched.append(0)
        elif verb == "hand in":
            hand_in(people, now)
            there = [each for each in told.book if each[0] != "gone"]
            sums = expected(told.book, told.last_on)
            told.handed_in.append((now, deepcopy(there), list(told.touched), sums, told.endings))
        elif verb == "end":
            told.last_on = end(people, WEDNESDAY - timedelta(days=which), now)
            told.endings += 1
        elif verb in LEADS and which < len(entries):
            _act(people, told, entries[which], (verb, which, hours), now)
    return told


def _act(people: Cast, told: Told, entry: Entry, act: tuple[str, int, int], now: datetime) -> None:
    verb, which, hours = act
    sources, target = LEADS[verb]
    was = told.book[which]
    try:
        play(people, entry, verb, hours, now)
    except Refused:
        assert was[0] not in sources
    if was[0] in sources or verb == "reflect":
        told.touched[which] += 1
    if was[0] in sources:
        was[:] = [target, hours * 60 if verb == "edit" else was[1]]


STATES = {"submitted": "waiting", "not_counted": "not counted"}


def compare(people: Cast, told: Told) -> None:
    """The totals, and what the marker of each handing in sees, beside the book kept by hand."""
    key = people.placement.id
    assert hours_of([key])[key] == expected(told.book, told.last_on)
    for at, there, touched, totals, endings in told.handed_in:
        taken = frozen.snapshot_at(people.placement.enrolment_id, at)
        assert taken is not None
        seen = frozen.read(taken)
        in_order = [[STATES.get(each.state, each.state), each.minutes] for each in reversed(seen.visits)]
        assert in_order == there  # the first that was logged is the latest visit
        assert seen.totals == totals
        if endings == told.endings:
            for visit in seen.visits:
                place = (WEDNESDAY - visit.on).days
                assert visit.has_changed == (told.touched[place] != touched[place])
    if told.handed_in:
        mark = db.session.scalars(select(Mark)).one()
        db.session.refresh(mark)
        behind = logbook_behind(mark)
        assert behind is not None
        assert behind.snapshot.taken_at == told.handed_in[-1][0]


@given(acts=ACTS)
@settings(
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens_the_marker_sees_what_was_handed_in(session: Any, acts: Acts) -> None:
    people = cast()
    people.run.components[0].due_at = NOW + timedelta(hours=1)
    compare(people, tell(people, acts))
    session.rollback()


def _reads_it_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    read = frozen.read
    monkeypatch.setattr(
        frozen,
        "read",
        lambda taken: read(
            LogbookSnapshot(enrolment_id=taken.enrolment_id, content=frozen.content_of(taken.enrolment_id))
        ),
    )


def _keeps_only_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[int, Any] = {}
    content_of = freezing.content_of
    monkeypatch.setattr(freezing, "content_of", lambda whose: kept.setdefault(whose, content_of(whose)))


def _forgets_a_line_of_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirming, "post", lambda *args, **kwargs: None)


@pytest.mark.parametrize(
    "fault",
    [_reads_it_as_it_is_now, _keeps_only_the_first, _forgets_a_line_of_the_ledger],
    ids=lambda fault: fault.__name__.lstrip("_"),
)
def test_a_fault_is_found(session: Any, monkeypatch: pytest.MonkeyPatch, fault: Callable[..., None]) -> None:
    acts: Acts = [("log", 0, 3), ("hand in", 0, 0), ("confirm", 0, 1), ("hand in", 0, 0)]
    people = cast()
    people.run.components[0].due_at = NOW + timedelta(hours=1)
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        compare(people, tell(people, acts))


def test_a_student_without_a_placement_hands_in_without_a_logbook(session: Any) -> None:
    enrolment = make.enrolment()
    freezing.freeze(enrolment.id, now=NOW)
    assert frozen.latest_snapshot(enrolment.id) is None


@pytest.fixture
def people(database: Flask) -> Cast:
    """A portfolio handed in with one confirmed visit and one that waits; then the second is queried, a third sent."""
    with database.app_context():
        made = cast()
        made.run.components[0].due_at = NOW + MINUTE
        first, second = logged(made, -1, 2), logged(made, reflection="A private thought.")
        by = {"how": How.LINK, "actor": known(made)["supervisor"], "now": NOW}
        confirming.answer({first.id: 1}, {}, **by)
        hand_in(made, NOW)
        confirming.answer({second.id: 1}, {second.id: "Was it three hours?"}, **by)
        logged(made, 1)
        made.run.components[0].due_at = NOW - MINUTE
        return committed(made)


def test_the_marking_page_leads_to_it_and_says_that_it_changed(client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.tutor)
    marking = client.page("/marking")
    page = client.page(marking.link("Amina Rahman"))
    assert "2 visits have changed since. What was handed in is what you mark." in page.text
    assert "2 h were confirmed, 3 h waiting, of 45 h." in page.text
    book = client.page(page.link("Read the logbook as handed in"))
    assert book.h1 == "Logbook as handed in"
    assert "1 visit has been changed or answered; each says so below. 1 visit has been added." in book.text
    assert "Waiting Changed since 3 h" in book.text
    assert "Confirmed 2 h" in book.text
    assert "A private thought." in book.text
    assert "Was it three hours?" not in book.text


def test_the_student_and_the_leader_see_it_too_the_leader_without_reflections(
    database: Flask, client: PageClient, people: Cast
) -> None:
    with seeding(database):
        url = f"/logbooks/{db.session.scalars(select(LogbookSnapshot.public_id)).one()}"
    client.sign_in_as(people.student)
    assert "A private thought." in client.page(url).text
    client.sign_in_as(people.leader)
    assert "A private thought." not in client.page(url).text
    client.sign_in_as(people.supervisor)
    client.page(url, status=404)
