"""A run whose students may still propose, with everybody whom a proposal concerns; and what a student would type."""

from typing import Any

from placements.accounts.models import Account, GlobalRole
from placements.cohorts.models import RunRole
from placements.partners.workflow import OrganisationState
from placements.proposals.models import Proposal
from placements.proposals.workflow import ProposalState
from tests import factories as make
from tests.factories import DAY, NOW
from tests.proposals.making import proposal

TYPED = {
    "organisation_name": "Whitecross Garden",
    "organisation_about": "A garden that neighbours keep.",
    "mode": "on_site",
    "address": "2 Example Road",
    "postcode": "ec1y8nx",
    "borough": "Islington",
    "supervisor_name": "Ruth Mensah",
    "supervisor_email": "ruth@garden.example.org",
    "title": "A watering rota",
    "need": "Volunteers forget whose turn it is.",
    "theme": "environment",
    "times": "Wednesdays from 1pm",
    "tie": "none",
}
WORKS_THERE = {
    "tie": "employed",
    "tied_to": "Paul Boss",
    "duties_now": "I serve in the café.",
    "duties_differ": "I would plan the garden, which is nobody's job now.",
}


class Scene:
    """Choices close on Mon 16 Nov 2026 at 3pm, so places may be proposed until Mon 2 Nov 2026, 3pm."""

    def __init__(self) -> None:
        closes = NOW.replace(month=11, day=16, hour=15)
        self.run = make.run(ranking_closes_at=closes, offers_due_at=closes + 14 * DAY)
        self.leader = _account("Lea", "Leader")
        self.tutor = _account("Tom", "Tutor")
        make.run_role(RunRole.LEADER, self.leader.person, self.run)
        self.group = make.group(self.run, self.tutor.person)
        self.student = _account("Ada", "Okoro")
        self.enrolment = make.enrolment(self.group, self.student.person)
        self.officer = _account("Enid", "Officer", GlobalRole.ENGAGEMENT)
        self.stranger = _account("Sam", "Stranger")
        self.other_enrolment = make.enrolment(self.group, self.stranger.person)
        self.garden = make.organisation(name="Whitecross Garden", borough="Islington")
        self.place = make.site(self.garden, name="The garden", postcode="EC1Y 8NX")

    def proposal(self, **said: Any) -> Proposal:
        """The student's proposal, nothing found yet."""
        return proposal(self.enrolment, **said)

    def checked(self, **said: Any) -> Proposal:
        """The same when everything holds and it waits for the module leader."""
        state = ProposalState.ORGANISATION_CHECKED
        return self.proposal(state=state, verified=True, organisation=self.garden, site=self.place, **said)

    def unapproved(self) -> None:
        """The garden has not passed its checks."""
        self.garden.state, self.garden.approved_until = OrganisationState.PROSPECTIVE, None


def _account(given: str, family: str, *roles: GlobalRole) -> Account:
    return make.account(make.person(given_name=given, family_name=family, email=f"{given.lower()}@example.org"), *roles)
