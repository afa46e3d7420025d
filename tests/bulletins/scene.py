"""A run with students in every situation, the people around them, and others of whom its leader has no business to know.

Lea leads the run. Ada is placed at the food bank under Sue, her Agreement not in force; Ben has chosen nothing; Cy has
submitted choices; Dee has an offer to answer; Eve has left. Tom tutors the first group, Tia the second (Ben's).
Con is the food bank's main contact; its signatory Sid has left. The library (Camden) has a challenge for level 5 alone.
"""

from datetime import date
from typing import Any, TypeVar

from sqlalchemy import inspect, select

from placements.accounts.models import Account, GlobalRole
from placements.bulletins.models import Bulletin, BulletinRecipient
from placements.bulletins.rules import Audience
from placements.bulletins.sending import send_due
from placements.cohorts.models import RunRole, Theme
from placements.cohorts.workflow import EnrolmentState
from placements.core.policy import Principal
from placements.db import db
from placements.mail.delivery import Tally, deliver
from placements.mail.models import Message
from placements.mail.rendering import Rendered
from placements.offers.workflow import OfferState
from placements.partners.models import ContactRole, OrganisationType
from placements.partners.workflow import OrganisationState
from placements.people.models import Person
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.bulletins.factories import bulletin
from tests.factories import NOW

S = EnrolmentState
Row = TypeVar("Row")


def somebody(given: str, *roles: GlobalRole) -> Account:
    """A person with an account, known by their given name."""
    return make.account(make.person(given_name=given, family_name="Bell", email=f"{given}@example.org".lower()), *roles)


class Scene:
    def __init__(self) -> None:
        self.leader, self.engagement = somebody("Lea"), somebody("Eno", GlobalRole.ENGAGEMENT)
        self.run = make.run(code="WL6W50", level=6)
        make.run_role(RunRole.LEADER, self.leader.person, self.run)
        self.tutor, second_tutor = somebody("Tom"), somebody("Tia")
        make.run_role(RunRole.TUTOR, self.tutor.person, self.run)
        self.group = make.group(self.run, self.tutor.person)
        self.other_group = make.group(self.run, second_tutor.person, name="Friday morning")
        self._organisations()
        self._students()
        self._elsewhere()

    def _organisations(self) -> None:
        self.food_bank = make.organisation(name="The food bank")
        self.sue, self.con = somebody("Sue"), somebody("Con")
        make.contact(self.food_bank, self.sue.person, ContactRole.SUPERVISOR)
        make.contact(self.food_bank, self.con.person)
        make.contact(self.food_bank, somebody("Sid").person, ContactRole.SIGNATORY, left_on=date(2026, 10, 1))
        of_food = {"supervisor": self.sue.person, "theme": Theme.POVERTY, "suits_level_5": False}
        self.challenge = make.challenge(self.food_bank, title="Count the stock", **of_food)
        self.library = make.organisation(name="The library", borough="Camden", type=OrganisationType.LOCAL_AUTHORITY)
        lib = somebody("Lib").person
        make.contact(self.library, lib)
        make.challenge(self.library, supervisor=lib, theme=Theme.CRIME, suits_level_6=False)
        asking = make.organisation(name="The garden", state=OrganisationState.PROSPECTIVE, approved_until=None)
        make.contact(asking, somebody("Gus").person)
        gone = make.organisation(name="The gone", state=OrganisationState.ARCHIVED)
        make.contact(gone, somebody("Gil").person)

    def _students(self) -> None:
        self.students = {name: somebody(name) for name in ("Ada", "Ben", "Cy", "Dee", "Eve")}
        at = {name: self.other_group if name == "Ben" else self.group for name in self.students}
        self.enrolments = {name: make.enrolment(at[name], who.person) for name, who in self.students.items()}
        of = self.enrolments
        preparing = {"state": PlacementState.PREPARING}
        self.placement = make.placement(of["Ada"], self.challenge, **preparing)
        of["Cy"].state = S.SEEKING
        make.application(of["Cy"], [self.challenge])
        of["Dee"].state = S.SEEKING
        make.application(of["Dee"], [self.challenge])
        make.offer(of["Dee"], self.challenge, state=OfferState.MADE)
        of["Eve"].state = S.WITHDRAWN

    def _elsewhere(self) -> None:
        other_run = make.run(code="WL5W50", level=5)
        self.other_leader, self.other_tutor = somebody("Leo"), somebody("Ted")
        make.run_role(RunRole.LEADER, self.other_leader.person, other_run)
        self.stranger = make.enrolment(make.group(other_run, self.other_tutor.person), somebody("Zoe").person)

    def bulletin(self, audience: Audience = Audience.STUDENTS, **said: Any) -> Bulletin:
        """Sent by Lea to the students of her run at NOW; by Eno to people at organisations."""
        is_of_run = audience is not Audience.PARTNERS
        said = {
            "sender": (self.leader if is_of_run else self.engagement).person,
            "run": self.run if is_of_run else None,
            "words": "We meet in room 4.\n\nBring:\n- a pen\n- your card",
            "send_at": NOW,
            **said,
        }
        return bulletin(audience=audience, **said)

    @property
    def lea(self) -> Principal:
        """The leader, for actions."""
        return Principal(self.leader.person_id, frozenset({("leader", self.run.id)}))

    @property
    def eno(self) -> Principal:
        """The engagement officer, for actions."""
        return Principal(self.engagement.person_id, frozenset({("engagement", None)}))


class Post:
    """A transport that keeps what it is handed: to whom, and the mail."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Rendered]] = []
        self.turns_away: set[str] = set()

    def send(self, message: Message, mail: Rendered) -> None:
        """Keep it, or turn it away."""
        if message.recipient.given_name in self.turns_away:
            raise ConnectionRefusedError("nobody there")
        self.sent.append((message.recipient.given_name, mail))

    @property
    def to(self) -> list[str]:
        """The given names of those who got one, in alphabetical order."""
        return sorted(name for name, _ in self.sent)


def work(post: Post, now: Any, size: int = 200) -> None:
    """What the worker does until nothing is left to do: tell, deliver, settle."""
    db.session.commit()
    while send_due(now, size) or deliver(post, now, now) != Tally():
        pass
    send_due(now, size)


def outcomes(bulletin: Bulletin) -> dict[str, str | None]:
    """What became of each recipient, by given name."""
    found = select(Person.given_name, BulletinRecipient.outcome).join(BulletinRecipient.person)
    return dict(db.session.execute(found.where(BulletinRecipient.bulletin_id == again(bulletin).id)).all())


def again(row: Row) -> Row:
    """The row as it is now: delivering lets go of everything that was read."""
    return db.session.get_one(type(row), inspect(row).identity)
