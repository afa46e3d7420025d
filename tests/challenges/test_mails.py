"""The words that reviewers and organisations are sent about a challenge."""

from typing import Any

import pytest
from sqlalchemy import select

from placements.challenges import notices, reviewing
from placements.challenges.models import Challenge, ReviewComment
from placements.challenges.queries import to_tell
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import RunRole, Theme
from placements.core.policy import Principal
from placements.partners.models import ContactRole
from placements.partners.workflow import OrganisationState
from placements.people.models import Person
from tests import factories as make
from tests.factories import NOW
from tests.golden import check_golden, said


@pytest.fixture
def amina(session: Any) -> Person:
    return make.person(given_name="Amina", family_name="Yusuf")


@pytest.fixture
def samir(session: Any) -> Person:
    return make.person(given_name="Samir", family_name="Okafor")


@pytest.fixture
def challenge(amina: Person, samir: Person) -> Challenge:
    make.run_role(RunRole.CHAMPION, samir, make.run(), Theme.POVERTY)
    kept = make.organisation(name="Holloway Larder", public_id="organisation")
    make.contact(kept, amina)
    dev = make.contact(kept, make.person(given_name="Dev", family_name="Patel"), ContactRole.SUPERVISOR).person
    return make.challenge(
        kept,
        public_id="challenge-12",
        title="Cook what comes in",
        supervisor=dev,
        state=ChallengeState.SUBMITTED,
        submitted_at=NOW,
        published_at=None,
    )


def test_what_a_reviewer_is_sent_while_it_waits(challenge: Challenge, samir: Person) -> None:
    check_golden("challenges/submitted", said(notices.SUBMITTED, challenge.id, samir) or "")
    challenge.state = ChallengeState.APPROVED
    assert said(notices.SUBMITTED, challenge.id, samir) is None


def test_what_the_organisation_is_sent_when_changes_are_asked_for(
    challenge: Challenge, amina: Person, samir: Person
) -> None:
    words = "This is a good need.\nHow many volunteers are there?"
    reviewing.ask_for_changes(challenge, words, form_key="a", actor=Principal(samir.id), now=NOW)
    asked = challenge.comments[0]
    reviewing.comment(challenge, "Eight.", form_key="b", actor=Principal(amina.id), now=NOW)  # before the mail goes
    check_golden("challenges/changes_asked", said(notices.CHANGES_ASKED, asked.id, amina) or "")
    challenge.state = ChallengeState.SUBMITTED
    assert said(notices.CHANGES_ASKED, asked.id, amina) is None


def test_what_the_organisation_is_sent_when_it_is_approved(challenge: Challenge, amina: Person, samir: Person) -> None:
    reviewing.approve(challenge, actor=Principal(samir.id), now=NOW)
    check_golden("challenges/approved", said(notices.APPROVED, challenge.id, amina) or "")
    challenge.all_sites[0].cleared_until = None
    assert "once the checks of The hall are passed." in (said(notices.APPROVED, challenge.id, amina) or "")
    challenge.all_sites[0].cleared_until = NOW.date()
    challenge.organisation.state = OrganisationState.PROSPECTIVE
    check_golden("challenges/approved_before_its_organisation", said(notices.APPROVED, challenge.id, amina) or "")
    challenge.organisation.state = OrganisationState.APPROVED
    reviewing.publish(challenge, actor=Principal(samir.id), now=NOW)
    assert said(notices.APPROVED, challenge.id, amina) is None
    check_golden("challenges/published", said(notices.PUBLISHED, challenge.id, amina) or "")
    challenge.supervisor = amina
    assert "When a student accepts a place, we write to you." in (said(notices.PUBLISHED, challenge.id, amina) or "")


def test_what_the_organisation_is_sent_when_it_is_declined(challenge: Challenge, amina: Person, samir: Person) -> None:
    reviewing.decline(challenge, "It is a full-time job.", form_key="a", actor=Principal(samir.id), now=NOW)
    check_golden("challenges/declined", said(notices.DECLINED, challenge.comments[0].id, amina) or "")


def test_what_the_other_side_of_a_comment_is_sent(
    session: Any, challenge: Challenge, amina: Person, samir: Person
) -> None:
    reviewing.comment(challenge, "Which day is best?", form_key="a", actor=Principal(samir.id), now=NOW)
    comment = session.scalars(select(ReviewComment)).one()
    check_golden("challenges/commented", said(notices.COMMENTED, comment.id, amina) or "")


def test_who_hears_of_its_fate(challenge: Challenge, amina: Person) -> None:
    sender = make.contact(challenge.organisation, role=ContactRole.SIGNATORY).person
    make.contact(challenge.organisation, role=ContactRole.SUPERVISOR)
    challenge.submitted_by_id = sender.id
    assert sorted(to_tell(challenge)) == sorted([amina.id, sender.id])
