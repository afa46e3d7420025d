"""Before the second mark is in, nothing that its marker can load, search, filter or export tells of the first.

The second marker here is whoever could know most: a tutor of the run, who covers for the first marker, so holds all that
they hold, and is tutor of one of the placements. Between two rounds of the same requests the first marker drafts, submits,
takes back and submits another mark; each request must send the same statements, in the same order, and answer the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, true

from placements.assessment import waiting
from placements.assessment.models import Mark
from placements.assessment.waiting import to_be_marked
from placements.cohorts.models import Checkpoint, ModuleRun, TutorCover
from placements.core.policy import Principal
from placements.db import db
from placements.double_marking import queries
from placements.double_marking.actions import save_draft as save_second
from placements.double_marking.actions import submit
from placements.double_marking.models import SecondMark
from placements.double_marking.rules import Judgement
from placements.files.actions import receive
from placements.marking.actions import reopen, save_draft, submit_mark
from placements.placing.models import Placement
from placements.reading.grading import grade
from placements.reading.queries import final_grade
from tests import factories as make
from tests.assessment.scene import judgement, seeded
from tests.client import PageClient, counting_queries
from tests.double_marking.scene import Twice, allotted, judged, twice
from tests.factories import NOW
from tests.files.samples import PDF
from tests.files.test_receiving import upload

MASKED = re.compile(rb'(name="(?:csrf_token|form_key)"[^>]* value=")[^"]+"')
TOKENS = ("Set-Cookie", "Date")  # the session holds the token of forms; a download says what time it is
SEARCHES = (
    "text=Student1",
    "text=2612",
    "state=drafted",
    "state=submitted",
    "kind=portfolio",
    "kind=agreement",
    "page=2",
)
FOUND_BY = ("40", "75", "Tariq", "first-words", "CANARY")
PAIRS = 1000


@dataclass
class Blind:
    """What the test asks of: the scene, and its things by public id."""

    at: Twice
    ids: list[str]


def built() -> Blind:
    """Three portfolios allotted to Bea, who has drafted one; Tariq has begun none."""
    at = twice(3, receive(upload("Portfolio.pdf", PDF)))
    of, bea = at.of, at.bea.person
    at.marks[0].allocated = of.tutor.person
    of.placements[0].tutor = bea
    make.checkpoint(of.run, title="Final check", is_final=True)
    db.session.flush()
    on = NOW.date()
    cover = TutorCover(form_key="cover", run_id=of.run.id, tutor_id=of.tutor.person_id, cover_id=bea.id, made_at=NOW)
    cover.from_on, cover.to_on, cover.made_by_id = on - timedelta(days=1), on + timedelta(days=9), of.leader.person_id
    db.session.add(cover)
    seconds = [allotted(at, place) for place in range(3)]
    save_second(seconds[0], judged(at, 61, 62, None), seen=1, actor=Principal(bea.id), now=NOW)
    mark = at.marks[0]
    things: list[Any] = [of.run, of.portfolio, mark, seconds[0], of.placements[0], mark.submission]
    things.append(mark.submission.files[0])
    return Blind(at, [each.public_id for each in things])


@pytest.fixture
def blind(database: Flask) -> Blind:
    made: Blind = seeded(database, built)
    return made


def urls(app: Flask, ids: list[str]) -> Iterator[str]:
    """Every address that a GET can be sent to: with no part of its own, and with each of the ids for its part."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith(("static", "security", "demo.")):
            continue
        if not rule.arguments:
            yield str(rule)
        elif rule.arguments == {"public_id"}:
            yield from (str(rule).replace("<public_id>", each) for each in ids)
    for said in SEARCHES:
        yield f"/marking?{said}"
        yield f"/second-marking?{said}"
    for word in FOUND_BY:
        yield from (
            f"{path}?{name}={word}" for path in ("/marking", "/reading", "/agreements") for name in ("text", "q")
        )


Answers = dict[str, tuple[int, bytes, tuple[str, ...]]]


def answered(client: PageClient, asked: list[str]) -> Answers:
    """What each address answers, and the statements that it sent to the database."""
    found = {}
    for url in asked:
        with counting_queries() as sent:
            answer = client.get(url, checked=False)
        headers = "".join(f"{name}: {said}\n" for name, said in answer.headers if name not in TOKENS).encode()
        found[url] = (answer.status_code, headers + MASKED.sub(rb"\1", answer.data), tuple(sent.statements))
    return found


def worth_asking(client: PageClient, asked: list[str]) -> list[str]:
    """What is there for the marker, and as much of what is not as makes the number of pairs."""
    there, missing = [], []
    for url in asked:
        (missing if client.get(url, checked=False).status_code == 404 else there).append(url)
    return [*there, *missing[: max(0, PAIRS // len(FIRSTS) + 1 - len(there))]]


def marks_first(app: Flask, at: Twice, score: int | None, *, is_final: bool) -> None:
    """The first marker grades the logbooks and marks all three, by the real verbs."""
    tariq = Principal(at.of.tutor.person_id)
    with app.app_context():
        for mark in db.session.scalars(select(Mark).order_by(Mark.id)):
            if mark.submitted_at:
                reopen(mark, actor=tariq, now=NOW)
                db.session.flush()
            _grade(mark, score, tariq)
            said = judgement(mark.component, score, score, score, feedback=f"CANARY first-words {score}")
            act = submit_mark if is_final else save_draft
            act(mark, said, seen=mark.version, actor=tariq, now=NOW)
        db.session.commit()


def _grade(mark: Mark, score: int | None, tariq: Principal) -> None:
    placement = db.session.scalars(select(Placement).where(Placement.enrolment_id == mark.enrolment_id)).one()
    final = db.session.scalars(
        select(Checkpoint).join(Checkpoint.run).where(ModuleRun.id == mark.component.run_id)
    ).one()
    if score is not None:
        about = [each.id for each in mark.component.criteria if each.is_about_logbook]
        saved = final_grade(mark.enrolment_id)
        scores = dict.fromkeys(about, (score, "CANARY"))
        grade(placement, final, scores, "", version=saved.version if saved else 0, actor=tariq, now=NOW)
        db.session.flush()


FIRSTS = ((40, False), (40, True), (75, True))  # drafted, submitted, submitted again otherwise


def differences(app: Flask, client: PageClient, blind: Blind) -> tuple[int, list[str]]:
    """How many pairs of requests were compared, and the addresses whose two answers are not the same."""
    client.sign_in_as(blind.at.bea)
    asked = worth_asking(client, list(urls(app, blind.ids)))
    before, count, found = answered(client, asked), 0, []
    for score, is_final in FIRSTS:
        marks_first(app, blind.at, score, is_final=is_final)
        after = answered(client, asked)
        count += len(after)
        found += [url for url in asked if before[url] != after[url]]
    return count, found


def test_a_thousand_pairs_of_requests_tell_nothing_of_the_first_mark(
    blind: Blind, client: PageClient, database: Flask
) -> None:
    count, found = differences(database, client, blind)
    assert found == []
    assert count >= PAIRS


def test_a_planted_leak_is_found(
    blind: Blind, client: PageClient, database: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the list of the covered tutor's marking, once it shows what is marked a second time."""
    monkeypatch.setattr(waiting, "is_open_to", lambda who: true())
    client.sign_in_as(blind.at.bea)
    before = answered(client, ["/marking"])
    marks_first(database, blind.at, 40, is_final=False)
    assert answered(client, ["/marking"]) != before


def test_a_statement_more_alone_is_found(
    blind: Blind, client: PageClient, database: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the statements: one more, sent only where the first marker has begun, with the same answer."""

    def leaking(who: Principal) -> list[Mark]:
        begun = db.session.scalars(select(Mark).where(Mark.marker_id.is_not(None))).all()
        return [mark for mark in begun if len(mark.scores) > 100]

    monkeypatch.setattr(queries, "to_talk_about", leaking)
    client.sign_in_as(blind.at.bea)
    before = answered(client, ["/second-marking"])["/second-marking"]
    marks_first(database, blind.at, 40, is_final=False)
    after = answered(client, ["/second-marking"])["/second-marking"]
    assert before[:2] == after[:2]
    assert before[2] != after[2]


def test_the_first_marker_learns_nothing_of_the_second_before_their_own_is_in(
    blind: Blind, client: PageClient, database: Flask
) -> None:
    client.sign_in_as(blind.at.of.tutor)
    asked = [url for url in urls(database, blind.ids) if client.get(url, checked=False).status_code != 404]
    before = answered(client, asked)
    with database.app_context():
        for second in db.session.scalars(select(SecondMark)):
            said = Judgement({each.id: (75, "SECOND-WORD") for each in second.mark.component.criteria}, "SECOND-WORD")
            submit(second, said, seen=second.version, actor=Principal(second.marker_id), now=NOW)
        db.session.commit()
    assert [url for url, answer in answered(client, asked).items() if answer != before[url]] == []


def test_reminders_to_who_covers_count_no_mark_that_they_give_a_second_time(blind: Blind, database: Flask) -> None:
    with database.app_context():
        later = NOW + timedelta(hours=2)
        rows = [row for row in db.session.execute(to_be_marked(later)) if row.marker_id == blind.at.bea.person_id]
        assert rows == []
        db.session.execute(Mark.__table__.update().values(second_id=None))
        rows = [row for row in db.session.execute(to_be_marked(later)) if row.marker_id == blind.at.bea.person_id]
        assert [row.count for row in rows] == [3]


def with_shared_comments() -> Blind:
    """Bea marks one portfolio first and another second; the leader shares two comments with the run."""
    at = twice(2)
    allotted(at, 0)
    at.marks[1].allocated = at.bea.person
    for text in ("Argue.", "Be brief."):
        make.bank_comment(at.of.leader.person, text, shared_run_id=at.of.run.id)
    return Blind(at, [at.marks[1].public_id])


def test_the_order_of_shared_comments_does_not_tell_which_the_first_marker_used(
    database: Flask, client: PageClient
) -> None:
    blind: Blind = seeded(database, with_shared_comments)
    client.sign_in_as(blind.at.bea)
    url = f"/marking/{blind.ids[0]}"
    answered(client, [url])  # the first request asks what those after it need not
    before = answered(client, [url])
    assert b"Be brief." in before[url][1]
    with database.app_context():
        mark = db.session.get_one(Mark, blind.at.marks[0].id)
        said = judgement(mark.component, 40, 40, 40, feedback="Be brief.")
        save_draft(mark, said, seen=mark.version, actor=Principal(blind.at.of.tutor.person_id), now=NOW)
        db.session.commit()
    assert answered(client, [url]) == before
