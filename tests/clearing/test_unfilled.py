"""Challenges to which nobody comes: the organisation and whoever looks after it hear in time to do something."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from placements.accounts.models import GlobalRole
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.clearing import notices
from placements.clearing.actions import tell_of_unfilled
from placements.cohorts.models import ModuleRun
from placements.cohorts.workflow import RunState
from placements.offers.workflow import OfferState
from placements.partners.models import ContactRole, Organisation
from placements.people.models import Person
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.reminders import reminded

CLOSES = NOW + 10 * DAY  # Friday 30 October, 8am in London
WEEK_BEFORE = datetime(2026, 10, 23, 8, 0, tzinfo=UTC)  # 9am in summer time


class Empty:
    """A challenge of the food bank that nobody has chosen; Erin looks after the food bank."""

    def __init__(self) -> None:
        self.run: ModuleRun = make.run(ranking_closes_at=CLOSES)
        self.erin: Person = officer("Erin")
        self.organisation: Organisation = make.organisation(name="The food bank", owner=self.erin)
        self.con: Person = make.person(given_name="Con", family_name="Contact", email="con@example.org")
        make.contact(self.organisation, self.con)
        said = {"title": "Count the stock", "public_id": "count-stock1"}
        self.challenge: Challenge = make.challenge(self.organisation, **said)


def officer(name: str) -> Person:
    """Somebody of the engagement team."""
    person = make.person(given_name=name, family_name="Okafor", email=f"{name.lower()}@example.ac.uk")
    make.account(person, GlobalRole.ENGAGEMENT)
    return person


@pytest.fixture
def empty(session: Any) -> Empty:
    return Empty()


def told(notice: str, now: datetime = WEEK_BEFORE) -> list[tuple[int, int, datetime]]:
    return reminded(notice, now)


HOST, STAFF = "clearing.not_chosen", "clearing.unfilled"


def test_what_the_organisation_and_whoever_looks_after_it_read(empty: Empty) -> None:
    check_golden("clearing/not_chosen", said(notices.NOT_CHOSEN, empty.challenge.id, empty.con, WEEK_BEFORE) or "")
    make.challenge(empty.organisation, title="A repair café")
    check_golden("clearing/unfilled", said(notices.UNFILLED, empty.erin.id, empty.erin, WEEK_BEFORE) or "")


def test_both_hear_once_a_week_before_choosing_closes_and_nobody_else(empty: Empty) -> None:
    make.contact(empty.organisation, role=ContactRole.SUPERVISOR)
    other = officer("Olu")
    second = make.challenge(empty.organisation)
    assert told(HOST, WEEK_BEFORE - timedelta(seconds=1)) == told(STAFF, WEEK_BEFORE - timedelta(seconds=1)) == []
    hosts = [(each.id, empty.con.id, WEEK_BEFORE) for each in (empty.challenge, second)]
    assert told(HOST) == told(HOST, WEEK_BEFORE + 6 * DAY) == hosts
    assert told(STAFF) == [(empty.erin.id, empty.erin.id, WEEK_BEFORE)]
    assert said(notices.UNFILLED, other.id, other, WEEK_BEFORE) is None


def test_of_an_organisation_that_nobody_keeps_the_whole_team_hears(empty: Empty) -> None:
    olu = officer("Olu")
    empty.organisation.owner = None
    assert sorted(who for _, who, _ in told(STAFF)) == sorted([empty.erin.id, olu.id])


def test_where_students_of_two_runs_may_choose_it_the_last_closing_counts(empty: Empty) -> None:
    empty.challenge.suits_level_5 = empty.challenge.suits_level_6 = True
    make.run(code="WL5W50", level=5, ranking_closes_at=CLOSES + 7 * DAY)
    assert told(HOST) == []
    a_week_on = datetime(2026, 10, 30, 9, 0, tzinfo=UTC)  # 9am in winter time
    assert told(HOST, a_week_on) == [(empty.challenge.id, empty.con.id, a_week_on)]


@pytest.mark.parametrize("why", ["chosen", "offered", "paused", "not safe", "no run", "another year", "no such level"])
def test_nobody_hears_of_what_is_not_so(empty: Empty, why: str) -> None:
    if why == "chosen":
        make.application(make.enrolment(), [empty.challenge])
    if why == "offered":
        make.offer(to=empty.challenge)
    if why == "paused":
        empty.challenge.state = ChallengeState.PAUSED
    if why == "not safe":
        empty.organisation.approved_until = NOW.date()
    if why == "no run":
        empty.run.state = RunState.CLOSED
    if why == "another year":
        empty.challenge.academic_year = "2025/26"
    if why == "no such level":
        empty.challenge.suits_level_5, empty.challenge.suits_level_6 = True, False
    assert told(HOST) == told(STAFF) == []
    assert said(notices.NOT_CHOSEN, empty.challenge.id, empty.con, WEEK_BEFORE) is None
    assert said(notices.UNFILLED, empty.erin.id, empty.erin, WEEK_BEFORE) is None


@pytest.mark.parametrize("why", ["a draft", "an offer that was declined", "matched elsewhere"])
def test_what_comes_to_nothing_does_not_count(empty: Empty, why: str) -> None:
    if why == "a draft":
        make.application(make.enrolment(), [empty.challenge], state=ApplicationState.DRAFT)
    if why == "an offer that was declined":
        make.offer(to=empty.challenge, state=OfferState.DECLINED)
    if why == "matched elsewhere":
        make.application(make.enrolment(), [empty.challenge], decided_at=NOW)
    assert len(told(HOST)) == 1


def test_what_students_have_seen_for_less_than_a_week_is_not_said_to_be_chosen_by_nobody(empty: Empty) -> None:
    empty.challenge.published_at = WEEK_BEFORE - 7 * DAY + timedelta(minutes=1)
    assert told(HOST) == []
    assert len(told(STAFF)) == 1


def test_who_works_there_no_more_is_not_written_to_and_nothing_is_said_when_choosing_has_closed(empty: Empty) -> None:
    assert said(notices.NOT_CHOSEN, empty.challenge.id, empty.con, CLOSES) is None
    assert said(notices.UNFILLED, empty.erin.id, empty.erin, CLOSES) is not None
    assert said(notices.NOT_CHOSEN, empty.challenge.id, make.person(), WEEK_BEFORE) is None


def test_when_places_are_given_out_whoever_looks_after_those_without_students_hears_once_of_all(empty: Empty) -> None:
    make.challenge(empty.organisation)
    tell_of_unfilled(now=CLOSES)
    assert told(STAFF, CLOSES - 9 * DAY) == [(empty.erin.id, empty.erin.id, CLOSES)]


@pytest.mark.parametrize("why", ["offered", "too soon"])
def test_of_what_is_offered_or_can_still_be_chosen_for_long_nobody_hears(empty: Empty, why: str) -> None:
    if why == "offered":
        make.offer(to=empty.challenge)
    tell_of_unfilled(now=CLOSES if why == "offered" else NOW)
    assert told(STAFF, CLOSES - 9 * DAY) == []
