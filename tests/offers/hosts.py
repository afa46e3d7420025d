"""A food bank whose challenge two students are offered, with everybody whom that concerns."""

from typing import Any

from placements.accounts.models import Account
from placements.challenges.models import Challenge
from placements.cohorts.models import RunRole
from placements.core.policy import Principal
from placements.db import db
from placements.links.actions import add_link, token
from placements.offers.hosts import REFUSE_BY_LINK
from placements.offers.models import HostRefusal, Offer, RefusalKind
from placements.offers.workflow import RefusalState
from placements.partners.models import ContactRole
from placements.people.models import Person
from tests import factories as make
from tests.factories import DAY, NOW


def host_refusal(of: Challenge, by: Person | None = None, **said: Any) -> HostRefusal:
    """What the organisation of the challenge said of its offers: open, unless `state` says otherwise."""
    said = {"kind": RefusalKind.PERSON, "words": "Sue has left, and we look for somebody.", "said_at": NOW, **said}
    if said.get("state", RefusalState.OPEN) is not RefusalState.OPEN:
        said = {"settled_at": NOW, "settled_by": make.person(), **said}
    made = HostRefusal(challenge=of, said_by=by or make.person(), **said)
    db.session.add(made)
    db.session.flush()
    return made


def _person(given: str, family: str) -> Person:
    return make.person(given_name=given, family_name=family, email=f"{given.lower()}@example.org")


class Hosts:
    """Con is the main contact and Sue supervises; Lea leads the run of Ada and Ben, whose tutor is Tom."""

    def __init__(self) -> None:
        self.organisation = make.organisation(name="The food bank")
        self.con: Account = make.account(_person("Con", "Contact"))
        self.sue: Account = make.account(_person("Sue", "Supervisor"))
        self.contact = make.contact(self.organisation, self.con.person)
        self.supervising = make.contact(self.organisation, self.sue.person, ContactRole.SUPERVISOR)
        about = {"title": "Count the stock", "places_max": 9, "public_id": "count-stock1"}
        self.challenge = make.challenge(self.organisation, supervisor=self.sue.person, **about)
        self.run = make.run(ranking_closes_at=NOW - 5 * DAY)
        self.lea: Account = make.account(_person("Lea", "Leader"))
        make.run_role(RunRole.LEADER, self.lea.person, self.run)
        self.group = make.group(self.run, _person("Tom", "Tutor"))
        self.ada, self.ben = self.offered("Ada"), self.offered("Ben")

    def student(self, name: str) -> Any:
        """Somebody of the run."""
        return make.enrolment(self.group, _person(name, "Student"))

    def offered(self, name: str, **said: Any) -> Offer:
        """A student's offer of the challenge, made by the leader's round."""
        return make.offer(self.student(name), self.challenge, made_by_id=self.lea.person_id, **said)

    @property
    def leader(self) -> Principal:
        """Lea, for actions."""
        return Principal(self.lea.person_id, frozenset({("leader", self.run.id)}))

    def link(self, holder: Account | None = None) -> str:
        """Where a link to refuse leads that was just sent; Sue's, where nobody else is said."""
        who = (holder or self.sue).person_id
        return (
            f"/cannot-take-students/{token(add_link(REFUSE_BY_LINK, self.challenge.id, who, now=NOW, lasts=6 * DAY))}"
        )
