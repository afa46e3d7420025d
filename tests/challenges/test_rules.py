"""Briefs and reviews, on paper."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest

from placements.challenges import rules

pytestmark = pytest.mark.pure


@dataclass
class Brief:
    need: str = "Our food bank counts its stock on paper, and runs out of what people need."
    output: str = "A stock list that works on a phone."
    suits_level_5: bool = True
    suits_level_6: bool = False
    site_id: int | None = 1
    all_supervisors: tuple[int, ...] = (7,)
    days: int = 1
    times: str = ""
    skills: str = "Patience"
    skills_learnt: str = ""
    client_group: str = "Volunteers"
    access_notes: str = "Step-free"


def lacking(brief: Brief, is_remote: bool = False) -> list[str]:
    return [part.field for part in rules.missing(rules.parts(brief, is_remote=is_remote, contacts={7}))]


def test_a_whole_brief_lacks_nothing() -> None:
    found = rules.parts(Brief(), is_remote=False, contacts={7})
    assert [part.field for part in found if not part.is_done] == []
    assert len(found) == 9


@pytest.mark.parametrize(
    ("brief", "field"),
    [
        (replace(Brief(), need="Help with stock"), "need"),
        (replace(Brief(), output=""), "output"),
        (replace(Brief(), suits_level_5=False), "levels"),
        (replace(Brief(), site_id=None), "site"),
        (replace(Brief(), all_supervisors=(8,)), "supervisor"),
        (replace(Brief(), all_supervisors=(7, 8)), "supervisor"),
    ],
)
def test_what_must_be_there_before_review(brief: Brief, field: str) -> None:
    assert lacking(brief) == [field]


def test_what_only_helps_does_not_hold_a_brief_up() -> None:
    bare = replace(Brief(), days=0, skills="", client_group="", access_notes="")
    assert lacking(bare) == []
    parts = rules.parts(bare, is_remote=False, contacts={7})
    assert [part.field for part in parts if not part.is_done] == ["times", "skills", "client_group", "access_notes"]


def test_remote_work_needs_no_place() -> None:
    assert lacking(replace(Brief(), site_id=None, access_notes=""), is_remote=True) == []


def test_a_review_is_late_after_five_working_days() -> None:
    sent = datetime(2026, 10, 16, 15, 0, tzinfo=UTC)  # a Friday
    assert rules.review_due(sent) == date(2026, 10, 23)
    assert not rules.is_review_late(sent, datetime(2026, 10, 23, 22, 59, tzinfo=UTC))
    assert rules.is_review_late(sent, datetime(2026, 10, 23, 23, 0, tzinfo=UTC))  # midnight in London
    assert not rules.is_review_late(None, sent)


def test_days_as_bits() -> None:
    assert rules.as_days([0, 2, 6]) == 0b1000101
    assert rules.as_days([2, 2]) == 0b100
    assert rules.as_days([]) == 0


def test_every_area_is_described() -> None:
    assert set(rules.ABOUT_THEMES) == {"crime", "poverty", "environment", "social_wealth", "discrimination", "health"}
