"""The words that second marking mails, and that each stops being true."""

from collections.abc import Iterator
from typing import Any

import pytest

from placements.double_marking import notices
from placements.double_marking.actions import ask_third
from tests.assessment.test_notices import fixed, said
from tests.double_marking.scene import Twice, allotted, first_in, second_in, twice
from tests.factories import NOW
from tests.golden import check_golden


@pytest.fixture
def at(session: Any) -> Iterator[Twice]:
    made = twice()
    fixed(made.of)
    for account in (made.bea, made.cleo):
        account.person.email = f"{account.person.given_name.lower()}@example.org"
    made.marks[0].public_id = "mark-0000000"
    session.flush()
    yield made


def test_second_marking_is_allotted(at: Twice) -> None:
    second = allotted(at)
    check_said(notices.ALLOTTED, at.of.portfolio.id, at)
    second_in(at, second, 64)
    assert notices.ALLOTTED.context(at.of.portfolio.id, at.bea.person, NOW) is None


def check_said(notice: Any, about: int, at: Twice) -> None:
    check_golden(notice.name.replace(".", "/"), said(notice, about, at.bea.person, NOW))


def test_both_are_in_and_do_not_agree(at: Twice) -> None:
    second = allotted(at)
    second_in(at, second, 64)
    assert notices.BOTH_IN.context(at.marks[0].id, at.bea.person, NOW) is None
    first_in(at, 59)
    from_both_in(at)
    at.marks[0].agreed = 61
    for notice in (notices.BOTH_IN, notices.PROPOSED, notices.THIRD_WANTED):
        assert notice.context(at.marks[0].id, at.bea.person, NOW) is None


def from_both_in(at: Twice) -> None:
    at.marks[0].fixed_at = NOW
    for notice in (notices.BOTH_IN, notices.PROPOSED, notices.THIRD_WANTED):
        check_said(notice, at.marks[0].id, at)


def test_a_third_marker_is_asked(at: Twice, session: Any) -> None:
    second = allotted(at)
    first_in(at, 59)
    second_in(at, second, 64)
    third = ask_third(at.marks[0], at.cleo.person_id, actor=at.who(at.of.leader), now=NOW)
    third.public_id = "third-000000"
    session.flush()
    check_golden("double_marking/third_asked", said(notices.THIRD_ASKED, third.id, at.cleo.person, NOW))
    assert notices.THIRD_ASKED.context(third.id, at.bea.person, NOW) is None
