"""A run with its leader and tutor, and students on the clearing list."""

from collections.abc import Callable, Iterable
from typing import Any

from placements.accounts.models import Account
from placements.applications.models import HostAnswer, Needs
from placements.applications.rules import Unsuitable
from placements.applications.workflow import AnswerState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, RunRole
from placements.core.policy import Principal
from placements.db import db
from placements.offers.models import AskedPlace, Clearing
from tests import factories as make
from tests.factories import DAY, NOW

WEDNESDAY, FRIDAY = 4, 16  # as `days` says them: a bit a day


def asked_place(by: Clearing, at: Challenge, words: str = "") -> AskedPlace:
    asked = AskedPlace(clearing=by, challenge=at, words=words, asked_at=NOW - DAY)
    db.session.add(asked)
    db.session.flush()
    return asked


class Waiting:
    """Lea leads the run, Tom is the tutor of its group; Ada stands on the clearing list and Tom looks after her."""

    def __init__(self) -> None:
        self.run = make.run(ranking_closes_at=NOW - 7 * DAY)
        self.leader = self.somebody("Lea", "Leader")
        self.tutor = self.somebody("Tom", "Tutor")
        make.run_role(RunRole.LEADER, self.leader.person, self.run)
        self.group = make.group(self.run, self.tutor.person)
        self.student = self.somebody("Ada", "Okoro")
        self.enrolment = make.enrolment(self.group, self.student.person)
        self.row = make.clearing(self.enrolment, self.tutor.person)

    def somebody(self, given_name: str, family_name: str) -> Account:
        email = f"{given_name.lower()}@example.org"
        return make.account(make.person(given_name=given_name, family_name=family_name, email=email))

    def challenge(self, title: str, **said: Any) -> Challenge:
        return make.challenge(make.organisation(name=f"Friends of {title}"), title=title, **said)

    def another(
        self, name: str, chosen: Iterable[Challenge] = (), asked: Iterable[Challenge] = (), days: int = 0, **said: Any
    ) -> Enrolment:
        """Another student on the clearing list, who chose and asks for these, and can come on these days."""
        enrolment = make.enrolment(said.pop("group", self.group), make.person(given_name=name, family_name="Zhou"))
        row = make.clearing(enrolment, self.tutor.person, **said)
        self.wants(enrolment, chosen, asked, days, row)
        return enrolment

    def wants(
        self,
        enrolment: Enrolment,
        chosen: Iterable[Challenge] = (),
        asked: Iterable[Challenge] = (),
        days: int = 0,
        row: Clearing | None = None,
    ) -> None:
        if chosen:
            make.application(enrolment, list(chosen))
        if days:
            db.session.add(Needs(enrolment_id=enrolment.id, days=days, borough="Islington"))
        for each in asked:
            asked_place(row or self.row, each)
        db.session.flush()

    def answers(self, challenge: Challenge, state: AnswerState) -> None:
        """What the organisation said of Ada."""
        answer = db.session.query(HostAnswer).filter_by(challenge_id=challenge.id).one()
        answer.state = state
        answer.reason = Unsuitable.DAYS if state is AnswerState.AGREED else None
        db.session.flush()


def principal(account: Account, *roles: tuple[str, int]) -> Principal:
    return Principal(account.person_id, frozenset(roles))


Build = Callable[..., Waiting]
