"""This winter's enquiries: some are answered, one has become an organisation to vet, the latest wait."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from placements.db import db
from placements.demo.hosts import ENGAGEMENT, domain_of
from placements.demo.stage import SYSTEM, Beat, Season, person_at, principal, working_days_later
from placements.enquiries import actions as enquiries
from placements.enquiries import receiving, referrals
from placements.enquiries.actions import NewOrganisation
from placements.enquiries.models import Enquiry, Referral, Route, Subscription
from placements.enquiries.newsletter import confirm_newsletter
from placements.enquiries.rules import ACKNOWLEDGE, CONFIRM_NEWSLETTER
from placements.links.actions import latest_link
from placements.partners.models import OrganisationType
from placements.people.models import Person


@dataclass(frozen=True)
class Coming:
    """One enquiry: whose, in which words, on which day, and what becomes of it."""

    name: str
    need: str
    month: int
    day: int
    then: str | None = None
    is_confirmed: bool = True
    wants_newsletter: bool = False
    note: str = ""


COMING = (
    Coming(
        *("Cally Canal Club", "Our boat is empty on weekdays and the towpath is full of young people.", 1, 25),
        then="take_up",
        note="Rang them: they can have two students on the boat at once, with life jackets.",
    ),
    Coming("Tollington Tenants", "The lift breaks and nobody writes it down.", 2, 2, wants_newsletter=True),
    Coming("Southwark Sewing Bee", "We mend for free and run out of thread and hands.", 2, 9),
    Coming("Haggerston Hens", "Six hens and a garden that wants visitors.", 2, 15),
    Coming("Peckham Pedals", "Forty old bicycles, and one of us can mend them.", 2, 16, is_confirmed=False),
    Coming("Dockside Debating", "Shy speakers come once. We want them to come twice.", 1, 11, "acknowledged"),
    Coming("Leyton Ledger Club", "Our books are a shoebox, and the auditor is coming.", 2, 3, "routed"),
    Coming("Northbank Nightline", "Volunteers answer telephones and burn out.", 12, 7, "close"),
    Coming(
        *("Stockwell Supper", "We cook for forty and throw away a third of what we are given.", 2, 8),
        then="accept",
        wants_newsletter=True,
        note="Known to the borough’s food network.",
    ),
)
# Where two of them went: to whom, at which address, with which note.
PASSED_ON = {
    "acknowledged": (
        "Student volunteering",
        "Priya Raman",
        "priya.raman@volunteer.example",
        "They want weekly help.",
    ),
    "routed": ("Business Clinic", "Owen Hale", "owen.hale@clinic.example", "Bookkeeping, before April if you can."),
}


def chapter(season: Season) -> Iterator[Beat]:
    """Whoever enquires in the year that goes on."""
    if season.starts == 2026:
        for coming in COMING:
            yield from _comes(season, coming)


def _comes(season: Season, coming: Coming) -> Iterator[Beat]:
    given, family = next(season.names)

    def enquire(now: datetime) -> None:
        receiving.receive(
            form_key=f"demo-{coming.name}"[:40],
            organisation_name=coming.name,
            name=f"{given} {family}",
            email=f"{given}.{family}@{domain_of(coming.name)}".lower(),
            challenges_faced=coming.need,
            wants_newsletter=coming.wants_newsletter,
            actor=SYSTEM,
            now=now,
        )

    def confirm(now: datetime) -> None:
        enquiry = _enquiry(coming)
        receiving.confirm(enquiry, actor=principal(enquiry.writer_id), now=now)
        if coming.wants_newsletter:
            _wants_newsletter(enquiry.writer, now)

    def answer(now: datetime) -> None:
        _answer(season, coming, now)

    def acknowledge(now: datetime) -> None:
        referral = db.session.scalars(select(Referral).where(Referral.subject == coming.name)).one()
        link = latest_link(ACKNOWLEDGE, referral.id, referral.receiver_id)
        assert link is not None
        referrals.acknowledge(referral, link, now=now)

    came = season.at(coming.month, coming.day, 14, 10)
    yield Beat(came, enquire)
    if coming.is_confirmed:
        yield Beat(came + timedelta(minutes=25), confirm)
    if coming.then:
        yield Beat(working_days_later(came, 2), answer)
    if coming.then == "acknowledged":
        yield Beat(working_days_later(came, 3), acknowledge)


def _answer(season: Season, coming: Coming, now: datetime) -> None:
    owner = person_at(ENGAGEMENT)
    officer = principal(owner.id)
    enquiry = _enquiry(coming)
    if coming.note:
        enquiries.note(enquiry, coming.note, "", actor=officer, now=now)
    if coming.then == "take_up":
        enquiries.take_up(enquiry, actor=officer, now=now)
        enquiries.plan(enquiry, owner=owner, step="Visit them", step_on=season.on(2, 19), actor=officer, now=now)
    elif coming.then == "accept":
        new = NewOrganisation(coming.name, OrganisationType.CHARITY, "Lambeth")
        enquiries.accept(enquiry, new, actor=officer, now=now)
    elif coming.then in PASSED_ON:
        place, name, address, note = PASSED_ON[coming.then]
        route = db.session.scalars(select(Route).where(Route.name == place)).one()
        referrals.edit_route(route, place, (name, address), is_open=True, actor=officer, now=now)
        receiver = referrals.receiver_of(route, None, now)
        enquiries.route(enquiry, route, receiver, note, actor=officer, now=now)
    else:
        enquiries.close(enquiry, reason="They need trained counsellors.", actor=officer, now=now)


def _wants_newsletter(person: Person, now: datetime) -> None:
    subscription = db.session.scalars(select(Subscription).where(Subscription.person_id == person.id)).one()
    link = latest_link(CONFIRM_NEWSLETTER, subscription.id, person.id)
    assert link is not None
    confirm_newsletter(subscription, link, now=now)


def _enquiry(coming: Coming) -> Enquiry:
    return db.session.scalars(select(Enquiry).where(Enquiry.organisation_name == coming.name)).one()
