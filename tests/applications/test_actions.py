"""Drafting, submitting, submitting again and withdrawing; what the database holds afterwards."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from placements.applications import actions
from placements.applications.answers import applicants
from placements.applications.models import Application, Bookmark, Preference, Receipt
from placements.applications.queries import application_of, receipt_of
from placements.applications.rules import Choice, Draft
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment
from placements.cohorts.workflow import EnrolmentState
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.history.models import History
from placements.mail.models import Notification
from tests import factories as make

EMPTY = Draft().version


def _student(enrolment: Enrolment) -> Principal:
    return Principal(enrolment.person_id, frozenset({("student", enrolment.id)}))


def _draft(*chosen: Challenge, statement: str = "Why me") -> Draft:
    return Draft(statement, tuple(Choice(each.public_id, f"for {each.title}") for each in chosen))


def _save(enrolment: Enrolment, draft: Draft, now: datetime, seen: str | None = None) -> Application:
    before = application_of(enrolment)
    version = seen or (before.working.version if before else EMPTY)
    actions.save_draft(enrolment, draft, seen=version, actor=_student(enrolment), now=now)
    application = application_of(enrolment)
    assert application is not None
    return application


def _submit(application: Application, now: datetime) -> Receipt:
    seen = application.working.version
    return actions.submit(application, seen=seen, actor=_student(application.enrolment), now=now)


def _notices(session: Any) -> list[str]:
    return list(session.scalars(select(Notification.notice).order_by(Notification.id)))


def _submitted(session: Any, *titles: str) -> tuple[Enrolment, list[Challenge], Application]:
    enrolment, challenges = make.enrolment(), [make.challenge(title=title) for title in titles]
    application = _save(enrolment, _draft(*challenges), make.NOW)
    _submit(application, make.NOW)
    return enrolment, challenges, application


def test_choosing_adds_at_the_end_and_twice_is_once(session: Any, now: datetime) -> None:
    enrolment, first, second = make.enrolment(), make.challenge(), make.challenge()
    actor = _student(enrolment)
    ranks = [actions.choose(enrolment, each, actor=actor, now=now) for each in (first, second, first)]
    assert ranks == [1, 2, 1]
    application = application_of(enrolment)
    assert application is not None
    assert [each.challenge for each in application.working.choices] == [first.public_id, second.public_id]
    assert (application.state, application.draft_saved_at) == (ApplicationState.DRAFT, now)


def test_bookmarks_come_and_go_however_often_they_are_pressed(session: Any, now: datetime) -> None:
    enrolment, challenge = make.enrolment(), make.challenge()
    for _ in range(2):
        actions.bookmark(enrolment, challenge, actor=_student(enrolment), now=now)
    assert session.scalar(select(func.count()).select_from(Bookmark)) == 1
    for _ in range(2):
        actions.remove_bookmark(enrolment, challenge, actor=_student(enrolment), now=now)
    assert session.scalar(select(func.count()).select_from(Bookmark)) == 0


def test_submitting_keeps_order_and_words_mails_a_receipt_and_the_student_is_seeking(
    session: Any, now: datetime
) -> None:
    enrolment, (_, second), application = _submitted(session, "First", "Second")
    rows = session.scalars(select(Preference).order_by(Preference.rank)).all()
    assert [(row.rank, row.challenge.title, row.addition) for row in rows] == [
        (1, "First", "for First"),
        (2, "Second", "for Second"),
    ]
    assert (application.state, application.statement) == (ApplicationState.SUBMITTED, "Why me")
    assert (application.submitted_at, enrolment.state) == (now, EnrolmentState.SEEKING)
    receipt = session.scalars(select(Receipt)).one()
    assert receipt.statement == "Why me"
    assert receipt.choices[1] == {
        "title": "Second",
        "organisation": second.organisation.name,
        "addition": "for Second",
    }
    assert [len(part) for part in receipt.number.split("-")] == [4, 4]
    said = session.scalars(select(Notification)).one()
    assert (said.notice, said.about_id, said.recipient_id) == (
        "applications.submitted",
        receipt.id,
        enrolment.person_id,
    )
    verbs = session.scalars(select(History.verb).order_by(History.id)).all()
    assert verbs == ["submitted choices", "began to look for a place"]


def test_submitting_the_same_again_changes_and_sends_nothing(session: Any, now: datetime) -> None:
    _, _, application = _submitted(session, "First")
    again = _submit(application, now + timedelta(minutes=5))
    assert session.scalars(select(Receipt)).one() is again
    assert application.submitted_at == now
    assert _notices(session) == ["applications.submitted"]


def test_what_was_submitted_stands_until_the_new_draft_is_submitted(session: Any, now: datetime) -> None:
    enrolment, (first, second), application = _submitted(session, "First", "Second")
    _save(enrolment, _draft(second, first, statement="Better"), now + timedelta(days=1))
    assert application.statement == "Why me"
    assert [each.challenge.title for each in application.preferences] == ["First", "Second"]
    receipt = _submit(application, now + timedelta(days=1))
    assert application.statement == "Better"
    assert [each.challenge.title for each in application.preferences] == ["Second", "First"]
    assert [each["title"] for each in receipt.choices] == ["Second", "First"]
    earlier = session.scalars(select(Receipt).order_by(Receipt.id)).first()
    assert [each["title"] for each in earlier.choices] == ["First", "Second"]
    assert _notices(session) == ["applications.submitted", "applications.submitted"]


def test_a_draft_changed_after_it_was_read_is_not_submitted(session: Any, now: datetime) -> None:
    enrolment, challenge = make.enrolment(), make.challenge()
    application = _save(enrolment, _draft(challenge), now)
    seen = application.working.version
    _save(enrolment, _draft(challenge, statement="Other words"), now)
    with pytest.raises(Conflict):
        actions.submit(application, seen=seen, actor=_student(enrolment), now=now)
    assert application.state is ApplicationState.DRAFT


def test_a_stale_page_overwrites_nothing_but_a_repeated_click_is_already_done(session: Any, now: datetime) -> None:
    enrolment, challenge = make.enrolment(), make.challenge()
    phone, laptop = _draft(challenge, statement="From the phone"), _draft(challenge, statement="From the laptop")
    application = _save(enrolment, phone, now, seen=EMPTY)
    _save(enrolment, phone, now, seen=EMPTY)
    with pytest.raises(Conflict):
        _save(enrolment, laptop, now, seen=EMPTY)
    assert application.working == phone
    _save(enrolment, laptop, now, seen=phone.version)
    assert application.working == laptop


def test_only_challenges_open_to_the_student_come_into_a_draft_and_none_is_lost_from_it(
    session: Any, now: datetime
) -> None:
    enrolment, kept = make.enrolment(make.group(make.run(level=6))), make.challenge()
    _save(enrolment, _draft(kept), now)
    kept.state = ChallengeState.PAUSED
    hidden = make.challenge(state=ChallengeState.DRAFT)
    other_level = make.challenge(suits_level_6=False)
    other_year = make.challenge(academic_year="2025/26")
    unknown = Choice("not-a-known1")
    wanted = _draft(kept, hidden, other_level, other_year)
    application = _save(enrolment, Draft("Why me", (*wanted.choices, unknown)), now)
    assert application.working == _draft(kept)


@pytest.mark.parametrize("broken", ["paused", "no statement", "no choice"])
def test_a_draft_that_breaks_a_rule_is_refused(session: Any, now: datetime, broken: str) -> None:
    enrolment, challenge = make.enrolment(), make.challenge(title="Warm spaces")
    draft = _draft(challenge, statement="" if broken == "no statement" else "Why me")
    application = _save(enrolment, Draft(draft.statement) if broken == "no choice" else draft, now)
    if broken == "paused":
        challenge.state = ChallengeState.PAUSED
    with pytest.raises(Refused) as refusal:
        _submit(application, now)
    assert (
        refusal.value.sentence
        == {
            "paused": "“Warm spaces” is not open to students at present. Remove it, then submit.",
            "no statement": "Write your statement. Every organisation that you choose reads it.",
            "no choice": "Choose at least one challenge.",
        }[broken]
    )
    assert _notices(session) == []


def test_the_last_instant_counts_and_the_closing_one_does_not(session: Any, now: datetime) -> None:
    enrolment, challenge = make.enrolment(), make.challenge()
    closes = enrolment.run.ranking_closes_at
    last = closes - timedelta(microseconds=1)
    actor = _student(enrolment)
    application = _save(enrolment, _draft(challenge), last)
    seen = application.working.version
    receipt = actions.submit(application, seen=seen, actor=actor, now=last)
    attempts = [
        lambda: actions.choose(enrolment, challenge, actor=actor, now=closes),
        lambda: actions.save_draft(enrolment, Draft(), seen=seen, actor=actor, now=closes),
        lambda: actions.submit(application, seen=seen, actor=actor, now=closes),
        lambda: actions.withdraw(application, receipt.number, actor=actor, now=closes),
    ]
    for attempt in attempts:
        with pytest.raises(Refused, match="Choosing closed on Fri 30 Oct 2026, 8am"):
            attempt()
    assert application.state is ApplicationState.SUBMITTED


def test_nothing_can_be_chosen_before_it_opens_or_by_who_is_placed(session: Any, now: datetime) -> None:
    enrolment, challenge = make.enrolment(), make.challenge()
    early = enrolment.run.ranking_opens_at - timedelta(microseconds=1)
    with pytest.raises(Refused, match="You can choose from Mon 12 Oct 2026, 9am"):
        actions.choose(enrolment, challenge, actor=_student(enrolment), now=early)
    enrolment.state = EnrolmentState.PLACED
    with pytest.raises(Refused, match="You have a place, so there is nothing to choose"):
        actions.choose(enrolment, challenge, actor=_student(enrolment), now=now)


def test_withdrawing_takes_it_out_of_sight_keeps_the_draft_and_can_be_submitted_anew(
    session: Any, now: datetime
) -> None:
    enrolment, (challenge,), application = _submitted(session, "First")
    number = session.scalars(select(Receipt.number)).one()
    for _ in range(2):
        actions.withdraw(application, number, actor=_student(enrolment), now=now)
    assert (application.state, application.statement) == (ApplicationState.WITHDRAWN, "")
    assert session.scalars(select(Preference)).all() == []
    assert applicants(challenge, 1) == ([], 0)
    assert application.working == _draft(challenge)
    assert _notices(session) == ["applications.submitted", "applications.withdrawn"]
    assert _submit(application, now + timedelta(hours=1)).number != number
    assert application.state is ApplicationState.SUBMITTED


def test_a_page_of_an_older_receipt_withdraws_nothing(session: Any, now: datetime) -> None:
    enrolment, (challenge,), application = _submitted(session, "First")
    number = session.scalars(select(Receipt.number)).one()
    _save(enrolment, _draft(challenge, statement="Better"), now)
    _submit(application, now)
    with pytest.raises(Refused, match="You have submitted again"):
        actions.withdraw(application, number, actor=_student(enrolment), now=now)
    assert receipt_of(application) is not None


def test_organisations_lose_sight_of_who_was_decided(session: Any, now: datetime) -> None:
    enrolment, (challenge,), _ = _submitted(session, "First")
    assert applicants(challenge, 1)[1] == 1
    actions.close_to_organisations([enrolment.id], now=now)
    assert applicants(challenge, 1) == ([], 0)


@pytest.mark.parametrize("statement", ["Why me", "Better"])
def test_who_submits_again_after_a_round_is_seen_again(session: Any, now: datetime, statement: str) -> None:
    enrolment, (challenge,), application = _submitted(session, "First")
    actions.close_to_organisations([enrolment.id], now=now)
    session.refresh(application)
    _save(enrolment, _draft(challenge, statement=statement), now)
    again = _submit(application, now)
    assert _submit(application, now) is again
    assert [each.seen.statement for each in applicants(challenge, 1)[0]] == [statement]


def test_a_nudge_reaches_those_without_choices_once_a_day(session: Any, now: datetime) -> None:
    group = make.group()
    without, drafting, submitted, placed = (make.enrolment(group) for _ in range(4))
    placed.state = EnrolmentState.PLACED
    _save(drafting, _draft(make.challenge()), now)
    make.application(submitted, [make.challenge()])
    leader = Principal(make.person().id)
    for later in (timedelta(), timedelta(hours=3)):
        assert actions.nudge(group.run, 2, actor=leader, now=now + later) == 2
    told = session.scalars(select(Notification.recipient_id).order_by(Notification.recipient_id)).all()
    assert told == [without.person_id, drafting.person_id]
    actions.nudge(group.run, 2, actor=leader, now=now + timedelta(days=1))
    assert session.scalar(select(func.count()).select_from(Notification)) == 4


def test_a_nudge_to_others_than_were_shown_is_refused(session: Any, now: datetime) -> None:
    group = make.group()
    make.enrolment(group)
    with pytest.raises(Refused, match="The list has changed"):
        actions.nudge(group.run, 2, actor=Principal(), now=now)
    with pytest.raises(Refused, match="Choosing closed"):
        actions.nudge(group.run, 1, actor=Principal(), now=group.run.ranking_closes_at)
