"""What a student's hours come to: typed cases, and what must hold of every ledger."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.logbook.ledger import (
    WHY_NOT,
    Ledger,
    Line,
    Posting,
    Projection,
    Standing,
    Terms,
    Totals,
    WhyNot,
    project,
    replay,
    why_not_counted,
)

pytestmark = pytest.mark.pure

NINE = datetime(2027, 2, 1, 9, tzinfo=UTC)
OPEN = Terms(in_force_at=NINE)
HOUR = timedelta(hours=1)


def posting(entry: int, standing: str, hours: int = 6, placement: int = 1, day: int | None = None) -> Posting:
    """An entry on the `day`th day after the first (its own number, where not given), from 9 o'clock on, no break."""
    starts_at = NINE + timedelta(days=entry if day is None else day)
    return Posting(entry, placement, Standing(standing), starts_at, starts_at + hours * HOUR, hours * 60)


def total(*postings: Posting, ceiling: int = 4200, carried: int = 0, terms: Terms = OPEN) -> Ledger:
    return replay(postings, {1: terms, 2: OPEN}, target=2700, ceiling=ceiling, carried=carried)


@pytest.mark.parametrize(
    ("starts", "ends", "terms", "why"),
    [
        (0, 3, OPEN, None),
        (-1, 3, OPEN, WhyNot.NO_AGREEMENT),
        (0, 3, Terms(), WhyNot.NO_AGREEMENT),
        (0, 3, Terms(NINE, ends_at=NINE + 3 * HOUR), None),
        (0, 4, Terms(NINE, ends_at=NINE + 3 * HOUR), WhyNot.ENDED),
        (0, 3, Terms(NINE, pauses=((NINE + 3 * HOUR, None),)), None),
        (0, 4, Terms(NINE, pauses=((NINE + 3 * HOUR, None),)), WhyNot.PAUSED),
        (9, 10, Terms(NINE, pauses=((NINE + 3 * HOUR, None),)), WhyNot.PAUSED),
        (5, 8, Terms(NINE, pauses=((NINE + 3 * HOUR, NINE + 5 * HOUR),)), None),
        (4, 8, Terms(NINE, pauses=((NINE + 3 * HOUR, NINE + 5 * HOUR),)), WhyNot.PAUSED),
        (0, 1, Terms(NINE, pauses=((NINE - 9 * HOUR, NINE), (NINE + HOUR, NINE + 2 * HOUR))), None),
    ],
)
def test_a_visit_counts_only_inside_its_terms(starts, ends, terms, why):
    assert why_not_counted(NINE + starts * HOUR, NINE + ends * HOUR, terms) is why


def test_every_reason_has_its_sentence():
    assert WHY_NOT == {
        "no_agreement": "This was before the Challenge Agreement was in force.",
        "paused": "The placement was paused at that time.",  # neutral, whatever the cause
        "ended": "The placement had ended by then.",
        "past_ceiling": "This is past the most hours that were agreed.",
        "decided": "Your tutor decided that this does not count, and said why.",
    }
    assert set(WHY_NOT) == set(WhyNot)


def test_the_last_line_about_an_entry_says_where_it_stands():
    ledger = total(
        posting(1, "waiting"),
        posting(2, "waiting", 5),
        posting(1, "queried"),
        posting(3, "waiting", 4),
        posting(1, "waiting", 3),  # edited: three hours now
        posting(2, "confirmed", 5),
        posting(3, "removed", 4),
        posting(4, "verified", 2),
        posting(5, "queried", 1),
        posting(6, "not_counted", 7),
    )
    assert ledger.totals == Totals(confirmed=420, waiting=180, queried=60, not_counted=420, to_go=2100)
    assert ledger.lines == (
        Line(1, Standing.WAITING, 180, 0),
        Line(2, Standing.CONFIRMED, 300, 0),
        Line(4, Standing.VERIFIED, 120, 0),
        Line(5, Standing.QUERIED, 60, 0),
        Line(6, Standing.NOT_COUNTED, 0, 420, WhyNot.DECIDED),
    )


def test_nothing_logged_is_nothing():
    assert total() == Ledger((), Totals(0, 0, 0, 0, to_go=2700))


def test_confirmation_brings_back_nothing_that_does_not_count():
    ledger = total(posting(1, "confirmed"), terms=Terms(in_force_at=NINE + timedelta(days=2)))
    assert ledger.totals == Totals(confirmed=0, waiting=0, queried=0, not_counted=360, to_go=2700)
    assert ledger.lines == (Line(1, Standing.CONFIRMED, 0, 360, WhyNot.NO_AGREEMENT),)


ENDED_EARLY = Terms(NINE, ends_at=NINE + timedelta(days=2), ending_known_at=NINE + timedelta(days=5))


@pytest.mark.parametrize(
    ("standing", "day", "why"),
    [
        ("confirmed", 1, None),
        ("confirmed", 3, None),
        ("verified", 3, None),
        ("waiting", 3, WhyNot.ENDED),
        ("queried", 3, WhyNot.ENDED),
        ("not_counted", 3, WhyNot.ENDED),
        ("confirmed", 5, WhyNot.ENDED),  # after the last day that was ever planned
        ("verified", 5, WhyNot.ENDED),
    ],
)
def test_an_early_end_takes_no_hours_that_are_confirmed(standing, day, why):
    assert total(posting(1, standing, day=day), terms=ENDED_EARLY).lines[0].why_not is why


def test_a_pause_and_a_missing_agreement_hold_whatever_was_planned():
    paused = replace(ENDED_EARLY, pauses=((NINE, None),))
    assert total(posting(1, "confirmed", day=3), terms=paused).lines[0].why_not is WhyNot.PAUSED
    unsigned = replace(ENDED_EARLY, in_force_at=None)
    assert total(posting(1, "confirmed", day=3), terms=unsigned).lines[0].why_not is WhyNot.NO_AGREEMENT


def test_a_placement_without_terms_has_no_agreement():
    assert total(posting(1, "confirmed", placement=9)).lines[0].why_not is WhyNot.NO_AGREEMENT


def test_the_terms_are_those_of_each_entrys_own_placement():
    ledger = total(posting(1, "confirmed", 6), posting(2, "confirmed", 6, placement=2), terms=Terms())
    assert ledger.totals == Totals(confirmed=360, waiting=0, queried=0, not_counted=360, to_go=2340)


def test_the_visit_that_crosses_the_ceiling_counts_up_to_it():
    ledger = total(posting(1, "confirmed", 6), posting(2, "confirmed", 6), posting(3, "confirmed", 6), ceiling=600)
    assert ledger.totals == Totals(confirmed=600, waiting=0, queried=0, not_counted=480, to_go=2100)
    assert ledger.lines[1:] == (
        Line(2, Standing.CONFIRMED, 240, 120, WhyNot.PAST_CEILING),
        Line(3, Standing.CONFIRMED, 0, 360, WhyNot.PAST_CEILING),
    )


def test_room_under_the_ceiling_goes_to_confirmed_visits_then_waiting_then_queried():
    ledger = total(posting(1, "queried", 6), posting(2, "waiting", 6), posting(3, "confirmed", 6), ceiling=660)
    assert ledger.totals == Totals(confirmed=360, waiting=300, queried=0, not_counted=420, to_go=2040)


def test_hours_carried_over_come_first():
    assert total(posting(1, "confirmed", 6), ceiling=600, carried=300).totals == Totals(600, 0, 0, 60, to_go=2100)
    assert total(posting(1, "confirmed", 6), ceiling=600, carried=900).totals == Totals(900, 0, 0, 360, to_go=1800)


def test_there_is_never_less_than_nothing_to_go():
    assert total(*(posting(entry, "confirmed", 10) for entry in range(6))).totals == Totals(3600, 0, 0, 0, to_go=0)


POSTINGS = st.lists(
    st.builds(
        posting,
        entry=st.integers(1, 6),
        standing=st.sampled_from([each.value for each in Standing]),
        hours=st.integers(1, 16),
        placement=st.integers(1, 3),
        day=st.integers(-2, 9),
    ),
    max_size=20,
)


@given(
    postings=POSTINGS,
    ceiling=st.integers(0, 3000),
    carried=st.integers(0, 1000),
    terms=st.sampled_from([OPEN, ENDED_EARLY]),
)
@settings(max_examples=200)
def test_every_minute_is_in_one_total_and_the_ceiling_holds(postings, ceiling, carried, terms):
    ledger = total(*postings, ceiling=ceiling, carried=carried, terms=terms)
    totals = ledger.totals
    last = {each.entry: each for each in postings}
    logged = sum(each.minutes for each in last.values() if each.standing is not Standing.REMOVED)
    assert totals.confirmed + totals.waiting + totals.queried + totals.not_counted == logged + carried
    assert totals.confirmed + totals.waiting + totals.queried <= max(ceiling, carried)
    assert sum(line.not_counted for line in ledger.lines) == totals.not_counted


@given(postings=POSTINGS, terms=st.sampled_from([OPEN, ENDED_EARLY]))
@settings(max_examples=100)
def test_a_replay_needs_only_the_last_line_of_each_entry(postings, terms):
    last = {each.entry: each for each in postings}
    assert total(*sorted(last.values(), key=lambda each: -each.entry), terms=terms) == total(*postings, terms=terms)


@given(postings=POSTINGS)
@settings(max_examples=100)
def test_an_early_end_lowers_nothing_that_is_confirmed(postings):
    planned = total(*postings, terms=replace(ENDED_EARLY, ends_at=ENDED_EARLY.ending_known_at, ending_known_at=None))
    assert total(*postings, terms=ENDED_EARLY).totals.confirmed == planned.totals.confirmed


@given(postings=POSTINGS, entry=st.integers(1, 6))
@settings(max_examples=100)
def test_confirming_an_entry_never_lowers_what_is_confirmed(postings, entry):
    before = total(*postings, ceiling=1200)
    edited = [each for each in postings if each.entry == entry]
    if edited:
        after = total(*postings, replace(edited[-1], standing=Standing.CONFIRMED), ceiling=1200)
        assert after.totals.confirmed >= before.totals.confirmed


FIRST, LAST = date(2027, 2, 1), date(2027, 5, 11)  # a hundred days


@pytest.mark.parametrize(
    ("worked", "today", "expected"),
    [
        (540, date(2027, 2, 20), Projection(540, 2700, date(2027, 5, 11), is_on_course=True)),
        (270, date(2027, 2, 20), Projection(540, 1350, date(2027, 8, 19), is_on_course=False)),
        (1080, date(2027, 2, 20), Projection(540, 5400, date(2027, 3, 22), is_on_course=True)),
        (539, date(2027, 2, 20), Projection(540, 2695, date(2027, 5, 12), is_on_course=False)),
        (0, date(2027, 2, 20), Projection(540, 0, None, is_on_course=False)),
        (0, date(2027, 1, 31), Projection(0, 0, None, is_on_course=True)),
        (10, date(2027, 2, 20), Projection(540, 50, None, is_on_course=False)),  # 5,400 days: no date at all
        (2700, date(2027, 3, 2), Projection(810, 9000, date(2027, 3, 2), is_on_course=True)),
        (2700, date(2027, 6, 1), Projection(2700, 2700, date(2027, 5, 11), is_on_course=True)),
        (2673, date(2027, 5, 11), Projection(2700, 2673, date(2027, 5, 13), is_on_course=False)),
        (2673, date(2027, 5, 12), Projection(2700, 2673, None, is_on_course=False)),
        (54, date(2027, 2, 20), Projection(540, 270, date(2029, 10, 27), is_on_course=False)),  # a thousand days
        (53, date(2027, 2, 20), Projection(540, 265, None, is_on_course=False)),
        (2000, date(2027, 6, 1), Projection(2700, 2000, None, is_on_course=False)),
    ],
)
def test_where_the_pace_leads(worked, today, expected):
    assert project(worked, 2700, FIRST, LAST, today) == expected


@given(
    worked=st.integers(0, 5000),
    target=st.integers(1, 4200),
    length=st.integers(0, 300),
    gone=st.integers(-10, 400),
)
@settings(max_examples=200)
def test_on_course_and_the_finishing_date_agree(worked, target, length, gone):
    last = FIRST + timedelta(days=length)
    found = project(worked, target, FIRST, last, FIRST + timedelta(days=gone))
    if found.finishes_on is not None:
        assert found.is_on_course == (found.finishes_on <= last)
