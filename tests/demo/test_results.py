"""What the story tells of the finished year's challenges, at its default moment."""

from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from placements.db import db
from placements.demo.results import RESULTS
from placements.impact.models import Result
from placements.impact.workflow import ResultState

pytestmark = [pytest.mark.pure, pytest.mark.long]  # on a database of its own, the embedded one


@pytest.fixture(autouse=True)
def story(demonstration: Flask) -> Iterator[Flask]:
    with demonstration.app_context():
        yield demonstration
        db.session.rollback()


def test_results_stand_at_every_stage() -> None:
    found = db.session.scalars(select(Result)).all()
    assert Counter(result.state for result in found) == {
        ResultState.PUBLISHED: 5,
        ResultState.VERIFIED: 2,
        ResultState.ASKED: 1,
        ResultState.DRAFT: 2,
        ResultState.WITHDRAWN: 1,
    }
    assert len(found) == len(RESULTS)
    assert {result.challenge.academic_year for result in found} == {"2025/26"}
    assert sorted(result.may_publish for result in found if result.state is ResultState.VERIFIED) == [False, True]
