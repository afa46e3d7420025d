"""Two cohorts that differ only in unreleased marks: equal pages, feeds, mails, totals and file names for all outside."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask, Response
from sqlalchemy import func, literal, select

from placements.assessment import notices, results, work
from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import MarkState
from placements.calendar import as_student as calendar
from placements.cohorts.models import Enrolment
from placements.db import UTCDateTime, db
from placements.double_marking.models import SecondMark
from placements.mail import actions
from placements.mail.notices import Reminder
from tests.board.deeds import VARIANTS, second, some_are_in, submitted
from tests.board.twins import RECEIPT, Seen, Twins, Weeks, answers, done, later, seen, twins, weeks, where
from tests.databases import Databases
from tests.factories import NOW
from tests.site.world import World

pytestmark = [pytest.mark.long, pytest.mark.pure]  # what differs on a page does so on either database


@pytest.fixture(scope="module")
def made(databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    with twins(databases, template, tmp_path_factory.mktemp("twins")) as found:
        yield found


def got(app: Flask, made: Twins) -> tuple[Seen, Weeks, Seen]:
    return seen(app, made), weeks(app, made), later(app, made)


def test_whatever_markers_did_everybody_outside_gets_the_same(made: Twins) -> None:
    with made.copied() as copy:
        before, told, after = got(copy.app, made)
    assert [name for name, found in before.items() if sum(each[0] == 200 for each in found.values()) < 90] == []
    assert [len(found) > 20 for found in after.values()] == [True, True]
    assert (len(told.mails) >= 8, len(told.queued) >= 8) == (True, True)
    for name, deed in VARIANTS:
        with made.copied() as copy:
            done(copy.app, made.world, deed)
            others = got(copy.app, made)
        assert where(before, others[0]) == [], name
        assert others[1].queued == told.queued, name
        assert others[1].mails == told.mails, name
        assert where(after, others[2]) == [], name


def on_a_page(patch: pytest.MonkeyPatch, app: Flask) -> None:
    """A page that takes submitted marks for released ones."""
    patch.setattr(work, "RELEASED", (MarkState.SUBMITTED,))


def in_a_header(patch: pytest.MonkeyPatch, app: Flask) -> None:
    """A tag by which a browser knows the page, made of the versions of all marks."""

    def tell(answer: Response) -> Response:
        answer.set_etag(str(db.session.scalar(select(func.sum(Mark.version)))))
        return answer

    app.after_request_funcs.setdefault(None, []).append(tell)


def in_a_statement(patch: pytest.MonkeyPatch, app: Flask) -> None:
    """As many more as there are submitted marks; the page is the same."""

    def leaders(run_ids: set[int]) -> dict[int, tuple[str, ...]]:
        found = _leaders(run_ids)
        for key in db.session.scalars(select(Mark.id).where(Mark.state == MarkState.SUBMITTED)):
            db.session.scalar(select(Mark.version).where(Mark.id == key))
        return found

    _leaders = results._leaders
    patch.setattr(results, "_leaders", leaders)


def in_a_feed(patch: pytest.MonkeyPatch, app: Flask) -> None:
    """Each entry is another version once a mark is in."""

    def moved(*rows: Any) -> int:
        in_now = select(func.count(Submission.id)).join(Submission.mark).where(Mark.state == MarkState.SUBMITTED)
        keys = [each.id for each in rows if isinstance(each, Submission)]
        return db.session.scalar(in_now.where(Submission.id.in_(keys))) or 0

    patch.setattr(calendar, "moves_of", moved)


@pytest.mark.parametrize("plant", [on_a_page, in_a_header, in_a_statement, in_a_feed])
def test_a_planted_leak_is_found(made: Twins, monkeypatch: pytest.MonkeyPatch, plant: Any) -> None:
    """The controls: each of these is seen by one student, at two addresses."""
    urls, ada = ["/marks", made.feeds["Ada"]], made.world.accounts["Ada"]
    with made.copied() as copy:
        before = answers(copy.app, ada, urls, follows=False)
        done(copy.app, made.world, some_are_in)
        assert answers(copy.app, ada, urls, follows=False) == before
    with made.copied() as copy:
        plant(monkeypatch, copy.app)
        before = answers(copy.app, ada, urls, follows=False)
        done(copy.app, made.world, some_are_in)
        after = answers(copy.app, ada, urls, follows=False)
    where_it_shows = [each for each in urls if after[each] != before[each]]
    assert (
        where_it_shows == {on_a_page: urls[:1], in_a_header: urls, in_a_statement: urls[:1], in_a_feed: urls[1:]}[plant]
    )


def test_a_mail_that_only_marked_work_brings_is_found(made: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the mails: a reminder to whoever's mark is in."""

    def marked(now: datetime) -> Any:
        rows = select(Submission.id, Enrolment.person_id, literal(NOW, UTCDateTime())).join(Submission.enrolment)
        its = Submission.mark.has(Mark.state == MarkState.SUBMITTED)
        return rows.where(its, Submission.receipt.startswith(RECEIPT))

    def plus_one() -> tuple[Reminder, ...]:
        return (*reminders(), Reminder(notices.RECEIPT, marked))

    reminders = actions.reminders
    monkeypatch.setattr(actions, "reminders", plus_one)
    with made.copied() as copy:
        before = weeks(copy.app, made)
    with made.copied() as copy:
        done(copy.app, made.world, some_are_in)
        after = weeks(copy.app, made)
    new = [each for each in after.queued if each not in before.queued]
    assert [each[2] for each in new] == ["assessment.receipt"] * 5
    assert after.mails != before.mails


def begun(world: World) -> None:
    """Two second marks are drafts, at the same addresses in every copy."""
    second(world, "portfolio", {"Ada": 61, "Ben": 62}, is_final=False)
    its = select(SecondMark).where(SecondMark.marker_id == world.accounts["second"].person_id)
    for number, row in enumerate(db.session.scalars(its.order_by(SecondMark.id))):
        row.public_id = f"second-{number:05}"


def test_neither_mails_nor_pages_tell_a_second_marker_of_the_first_mark(made: Twins) -> None:
    """The weeks that follow, with none of the first marks given, with fails and with passes."""
    found = []
    for firsts in ({}, {"Ada": 35, "Ben": 35}, {"Ada": 72, "Ben": 72}):
        with made.copied() as copy:
            done(copy.app, made.world, begun)
            done(copy.app, made.world, lambda world, firsts=firsts: submitted(world, firsts, ("portfolio",)))
            told = weeks(copy.app, made, ["second"])
            pages = answers(copy.app, made.world.accounts["second"], ["/home", "/second-marking", "/your-calendar"])
            found.append((told.mails, told.queued, pages))
    assert len(found[0][0]) > 0
    assert len(found[0][2]) > 15
    assert where({"second": found[0][2]}, {"second": found[1][2]}) == []
    assert where({"second": found[0][2]}, {"second": found[2][2]}) == []
    assert found[0][:2] == found[1][:2] == found[2][:2]
