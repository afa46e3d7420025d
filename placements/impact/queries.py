"""Reads of results: who may see which, what lists show, what anybody may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, select
from sqlalchemy.orm import contains_eager, joinedload

from placements.challenges.models import Challenge
from placements.cohorts.models import Theme
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.impact.models import Result
from placements.impact.workflow import STANDING, ResultState
from placements.links.models import Link
from placements.partners.models import Contact, ContactRole, Organisation
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState
from placements.search import matches

WHOLE = joinedload(Result.challenge).joinedload(Challenge.organisation)
PEOPLE = (joinedload(Result.written_by), joinedload(Result.asked), joinedload(Result.verified_by))
VERIFY_BY_LINK = "impact.verify_by_link"  # what the link is for: the endpoint that it opens
NEVER_BEGAN = (PlacementState.PREPARING, PlacementState.CLEARED, PlacementState.NOT_STARTED)
# Lists go by it: what somebody waits for first.
ORDER = case({state: place for place, state in enumerate(STANDING)}, value=Result.state, else_=len(STANDING))


def visible_to(who: Principal) -> Select[Result]:
    """Engagement and module leaders: all. Contacts: their organisation's, once they were asked about its words."""
    found = select(Result).join(Result.challenge)
    if who.has_any("engagement", "leader"):
        return found
    own = Challenge.organisation_id.in_(who.held_on("contact"))
    return found.where(own, Result.asked_at.is_not(None), Result.state != ResultState.DRAFT)


def result_of(who: Principal, public_id: str) -> Result | None:
    """A result that `who` may see, with its challenge, organisation and people."""
    return db.session.scalar(visible_to(who).where(Result.public_id == public_id).options(WHOLE, *PEOPLE))


def results(
    who: Principal, text: str | None, state: ResultState | None, size: int, number: int
) -> tuple[Sequence[Result], int]:
    """One page of the results that `who` may see, what is not yet shown first, and how many there are. One query."""
    rows = visible_to(who).join(Challenge.organisation)
    if state is not None:
        rows = rows.where(Result.state == state)
    if text:
        rows = rows.where(_about(text))
    rows = rows.order_by(ORDER, Result.id.desc())
    return slice_of(rows, size, number, contains_eager(Result.challenge).contains_eager(Challenge.organisation))


def _about(text: str) -> ColumnElement[bool]:
    """Every word stands in the challenge or in its organisation's name."""
    return matches(text, Challenge, (Challenge.organisation_id, Organisation))


def _had_students() -> ColumnElement[bool]:
    return (
        select(Placement.id)
        .where(Placement.challenge_id == Challenge.id, Placement.state.not_in(NEVER_BEGAN))
        .correlate(Challenge)
        .exists()
    )


def challenge_with_students(who: Principal, public_id: str) -> Challenge | None:
    """A challenge that students work on or worked on, for those who write results."""
    if not who.has_any("engagement", "leader"):
        return None
    found = select(Challenge).where(Challenge.public_id == public_id, _had_students())
    return db.session.scalar(found.options(joinedload(Challenge.organisation)))


def without_result(text: str | None, size: int, number: int) -> tuple[Sequence[Challenge], int]:
    """One page of the challenges with students of which nothing is told yet, the newest first. One query."""
    told = select(Result.id).where(Result.challenge_id == Challenge.id, Result.state.in_(STANDING)).correlate(Challenge)
    rows = select(Challenge).join(Challenge.organisation).where(_had_students(), ~told.exists())
    if text:
        rows = rows.where(_about(text))
    return slice_of(rows.order_by(Challenge.id.desc()), size, number, contains_eager(Challenge.organisation))


def standing_result(challenge_id: int) -> Result | None:
    """What is told of a challenge and not taken down."""
    found = select(Result).where(Result.challenge_id == challenge_id, Result.state.in_(STANDING))
    return db.session.scalar(found.limit(1))


def whom_to_ask(result: Result) -> Person | None:
    """A main contact of the organisation, or else the challenge's supervisor while they work there; not its writer."""
    here = select(Contact).where(
        Contact.organisation_id == result.challenge.organisation_id,
        Contact.left_on.is_(None),
        Contact.person_id != result.written_by_id,
    )
    contacts = db.session.scalars(here.order_by(Contact.id)).all()
    main = [each for each in contacts if each.role is ContactRole.PRIMARY]
    supervisor = [each for each in contacts if each.person_id == result.challenge.supervisor_id]
    return next((each.person for each in (*main, *supervisor)), None)


def published(theme: Theme | None = None) -> Select[Result]:
    """What anybody may read, the newest first."""
    rows = select(Result).join(Result.challenge).join(Challenge.organisation)
    if theme is not None:
        rows = rows.where(Challenge.theme == theme)
    rows = rows.where(Result.state == ResultState.PUBLISHED)
    return rows.order_by(Result.published_at.desc(), Result.id.desc())


def published_page(rows: Select[Result], size: int, number: int) -> tuple[Sequence[Result], int]:
    """One page of them, with challenge and organisation. One query."""
    return slice_of(rows, size, number, contains_eager(Result.challenge).contains_eager(Challenge.organisation))


def published_of(challenge: Challenge) -> Sequence[Result]:
    """What is shown of the challenge, and of the same a year earlier. One query."""
    both = Result.challenge_id.in_((challenge.id, challenge.offered_before_id))
    return db.session.scalars(published().where(both)).all()


def published_result(public_id: str) -> Result | None:
    """One of them."""
    found = published().where(Result.public_id == public_id)
    return db.session.scalar(found.options(contains_eager(Result.challenge).contains_eager(Challenge.organisation)))


@dataclass(frozen=True)
class Asked:
    """A link to verify, the result that it is about, and whether its holder still works at the organisation."""

    link: Link
    result: Result
    is_contact: bool

    @property
    def waits(self) -> bool:
        """The organisation's answer is still wanted, and the link's holder may give it."""
        is_asked = self.result.state is ResultState.ASKED
        return is_asked and self.is_contact and self.result.written_by_id != self.link.holder_id

    def can_answer(self, now: datetime) -> bool:
        """The link is open, and is about the words as they are."""
        return self.waits and self.link.is_open(now) and self.link.version == str(self.result.version)

    @property
    def has_answered(self) -> bool:
        """Its holder verified the words that the link was sent with."""
        result = self.result
        return result.verified_by_id == self.link.holder_id and self.link.version == str(result.version)


def asked_by(link: Link) -> Asked:
    """The link with what it is about. Two queries."""
    result = db.session.get_one(Result, link.about_id, options=(WHOLE, *PEOPLE))
    contact = select(Contact.id).where(
        Contact.organisation_id == result.challenge.organisation_id,
        Contact.person_id == link.holder_id,
        Contact.left_on.is_(None),
    )
    return Asked(link, result, db.session.scalar(contact) is not None)
