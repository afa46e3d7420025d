"""What several people press in the same moment is there once, and the last day of approval follows from all of it."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.links.actions import add_link
from placements.links.models import Link
from placements.partners.models import Organisation
from placements.partners.workflow import OrganisationState
from placements.vetting import actions, memoranda, renewing
from placements.vetting.models import Check, Memorandum
from placements.vetting.queries import Question
from placements.vetting.renewals import RENEW_BY_LINK, renewal_of
from placements.vetting.rules import Answer, CheckKind, Standing
from placements.vetting.workflow import CheckState
from tests import factories as make
from tests.databases import Copy
from tests.factories import DAY, NOW
from tests.races import at_once

TOGETHER = 4


def only_organisation() -> Organisation:
    return db.session.scalars(select(Organisation)).one()


def prepared(copy: Copy, **said: object) -> Principal:
    """One organisation; somebody who works there."""
    with copy.app.app_context():
        kept = make.organisation(**said)
        contact = make.contact(kept)
        if said.get("approved_until"):
            make.five_checks(kept, valid_until=said["approved_until"], state=CheckState.PASSED)
        actor = Principal(contact.person_id, frozenset({("contact", kept.id)}))
        db.session.commit()
        return actor


def count(copy: Copy, what: object) -> int:
    with copy.app.app_context():
        return db.session.scalar(select(func.count()).select_from(what)) or 0  # type: ignore[arg-type]


def test_a_question_is_answered_once(fresh_database: Copy) -> None:
    actor = prepared(fresh_database, state=OrganisationState.PROSPECTIVE, approved_until=None)

    def answer() -> None:
        question = Question(only_organisation(), CheckKind.SAFEGUARDING)
        actions.answer(
            question, answer=Answer.INSTEAD, words="We tell Dev.", paper_until=None, files=[], actor=actor, now=NOW
        )

    assert at_once(fresh_database, *[answer] * TOGETHER) == [None] * TOGETHER
    assert (count(fresh_database, Check), count(fresh_database, History)) == (1, 1)


def test_answered_without_holding_the_organisation_it_is_refused_by_the_database(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: nobody holds it, and every one of them has found no answer yet."""
    actor = prepared(fresh_database, state=OrganisationState.PROSPECTIVE, approved_until=None)
    monkeypatch.setattr(actions, "_hold", lambda organisation: None)
    monkeypatch.setattr(actions, "_check_held", lambda question: None)

    def answer() -> None:
        question = Question(only_organisation(), CheckKind.SAFEGUARDING)
        actions.answer(
            question, answer=Answer.INSTEAD, words="We tell Dev.", paper_until=None, files=[], actor=actor, now=NOW
        )

    assert IntegrityError in map(type, at_once(fresh_database, *[answer] * TOGETHER))


def test_two_officers_who_decide_at_once_leave_approval_as_the_checks_say(fresh_database: Copy) -> None:
    prepared(fresh_database, approved_until=date(2027, 8, 31))
    officer = Principal(None, frozenset({("engagement", None)}))

    def finds(kind: CheckKind, until: date) -> None:
        check = db.session.scalars(select(Check).where(Check.kind == kind)).one()
        actions.verify(check, Standing.PASSED, until=until, words="", seen=check.answered_at, actor=officer, now=NOW)

    first = lambda: finds(CheckKind.SAFEGUARDING, date(2027, 3, 1))  # noqa: E731 - named for the race
    second = lambda: finds(CheckKind.IDENTITY, date(2027, 2, 1))  # noqa: E731 - named for the race
    assert at_once(fresh_database, first, second) == [None, None]
    with fresh_database.app.app_context():
        assert only_organisation().approved_until == date(2027, 2, 1)


def test_a_link_is_used_once(fresh_database: Copy) -> None:
    actor = prepared(fresh_database, approved_until=NOW.date() + 9 * DAY)
    with fresh_database.app.app_context():
        add_link(RENEW_BY_LINK, only_organisation().id, actor.person_id or 0, now=NOW, lasts=9 * DAY)
        db.session.commit()

    def renew() -> None:
        renewing.renew_by_link(renewal_of(db.session.scalars(select(Link)).one()), now=NOW)

    outcomes = at_once(fresh_database, *[renew] * TOGETHER)
    assert [type(each) for each in outcomes].count(Refused) == TOGETHER - 1
    assert outcomes.count(None) == 1


def test_a_memorandum_is_drafted_once(fresh_database: Copy) -> None:
    actor = prepared(fresh_database)

    def draft() -> None:
        memoranda.draft(only_organisation(), "We bake.", form_key="one form", actor=actor, now=NOW)

    assert at_once(fresh_database, *[draft] * TOGETHER) == [None] * TOGETHER
    assert count(fresh_database, Memorandum) == 1
