"""This winter's enquiries: some are answered, one has become an organisation to vet, the latest wait."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from placements.db import db
from placements.demo.hosts import ENGAGEMENT, domain_of
from placements.demo.stage import SYSTEM, Beat, Season, person_at, principal, working_days_later
from placements.enquiries import actions as enquiries
from placements.enquiries.actions import NewOrganisation
from placements.enquiries.models import Enquiry
from placements.partners.models import OrganisationType

COMING = (
    ("Cally Canal Club", "Our boat is empty on weekdays and the towpath is full of young people.", 1, 25, "take_up"),
    ("Tollington Tenants", "The lift breaks and nobody writes it down.", 2, 2, None),
    ("Southwark Sewing Bee", "We mend for free and run out of thread and hands.", 2, 9, None),
    ("Haggerston Hens", "Six hens and a garden that wants visitors.", 2, 15, None),
    ("Dockside Debating", "Shy speakers come once. We want them to come twice.", 1, 11, "route"),
    ("Northbank Nightline", "Volunteers answer telephones and burn out.", 12, 7, "close"),
    ("Stockwell Supper", "We cook for forty and throw away a third of what we are given.", 2, 8, "accept"),
)


def chapter(season: Season) -> Iterator[Beat]:
    """Whoever enquires in the year that goes on."""
    if season.starts == 2026:
        for coming in COMING:
            yield from _comes(season, coming)


def _comes(season: Season, coming: tuple[str, str, int, int, str | None]) -> Iterator[Beat]:
    name, need, month, day, then = coming
    given, family = next(season.names)

    def enquire(now: datetime) -> None:
        enquiries.receive(
            form_key=f"demo-{name}"[:40],
            organisation_name=name,
            name=f"{given} {family}",
            email=f"{given}.{family}@{domain_of(name)}".lower(),
            challenges_faced=need,
            actor=SYSTEM,
            now=now,
        )

    def answer(now: datetime) -> None:
        officer = principal(person_at(ENGAGEMENT).id)
        enquiry = db.session.scalars(select(Enquiry).where(Enquiry.organisation_name == name)).one()
        if then == "take_up":
            enquiries.take_up(enquiry, actor=officer, now=now)
            owner = person_at(ENGAGEMENT)
            step_on = season.on(2, 19)
            enquiries.plan(enquiry, owner=owner, step="Visit them", step_on=step_on, actor=officer, now=now)
        elif then == "route":
            enquiries.route(enquiry, to="Volunteering", note="They want weekly help.", actor=officer, now=now)
        elif then == "accept":
            new = NewOrganisation(name, OrganisationType.CHARITY, "Lambeth")
            enquiries.accept(enquiry, new, actor=officer, now=now)
        else:
            enquiries.close(enquiry, reason="They need trained counsellors.", actor=officer, now=now)

    came = season.at(month, day, 14, 10)
    yield Beat(came, enquire)
    if then:
        yield Beat(working_days_later(came, 2), answer)
