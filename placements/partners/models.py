"""Organisations with their sites and contacts, and the interests that people declare in them."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from placements.db import Key, Model, check_one_of, new_public_id, one_of, public_id
from placements.partners.workflow import OrganisationState
from placements.people.models import NAME_LENGTH, Person

TEXT_LENGTH = 4000


class OrganisationType(enum.StrEnum):
    CHARITY = "charity"
    COMMUNITY_GROUP = "community_group"
    SOCIAL_ENTERPRISE = "social_enterprise"
    SMALL_BUSINESS = "small_business"
    LOCAL_AUTHORITY = "local_authority"
    NHS = "nhs"
    SPORTS_CLUB = "sports_club"
    SCHOOL_OR_COLLEGE = "school_or_college"
    FAITH_GROUP = "faith_group"


TYPES = {
    OrganisationType.CHARITY: "Charity",
    OrganisationType.COMMUNITY_GROUP: "Community group",
    OrganisationType.SOCIAL_ENTERPRISE: "Social enterprise",
    OrganisationType.SMALL_BUSINESS: "Small business",
    OrganisationType.LOCAL_AUTHORITY: "Local authority",
    OrganisationType.NHS: "NHS organisation",
    OrganisationType.SPORTS_CLUB: "Sports club",
    OrganisationType.SCHOOL_OR_COLLEGE: "School or college",
    OrganisationType.FAITH_GROUP: "Faith group",
}


class Size(enum.StrEnum):
    """How many people it pays."""

    NONE = "none"
    FEW = "few"
    SOME = "some"
    MANY = "many"


SIZES = {
    Size.NONE: "Volunteers only",
    Size.FEW: "1 to 9 paid staff",
    Size.SOME: "10 to 49 paid staff",
    Size.MANY: "50 paid staff or more",
}


class ContactRole(enum.StrEnum):
    PRIMARY = "primary"
    SUPERVISOR = "supervisor"
    SIGNATORY = "signatory"


CONTACT_ROLES = {
    ContactRole.PRIMARY: "Main contact",
    ContactRole.SUPERVISOR: "Supervisor of students",
    ContactRole.SIGNATORY: "Signs agreements",
}


class InterestKind(enum.StrEnum):
    EMPLOYEE = "employee"
    TRUSTEE = "trustee"
    RELATIVE = "relative"


INTERESTS = {
    InterestKind.EMPLOYEE: "Employed there, now or in the last two years",
    InterestKind.TRUSTEE: "A trustee, director or committee member",
    InterestKind.RELATIVE: "Close to somebody who works there or runs it",
}


class Organisation(Model):
    """`ceiling` is the most students it takes at once; approval holds until `approved_until`, its last day.

    That day follows from its checks, and is kept here so that lists need not ask for them. An organisation that was
    found to be another's double says which (`merged_into_id`): whoever follows an old address arrives there.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        check_one_of("state", OrganisationState),
        check_one_of("type", OrganisationType),
        check_one_of("size", Size),
        CheckConstraint("ceiling IS NULL OR ceiling > 0", name="ceiling_positive"),
        Index(None, "name_key", "id", "merged_into_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True, default=new_public_id)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(Computed("lower(name)", persisted=True), deferred=True)  # lists go by it
    type: Mapped[OrganisationType] = one_of(OrganisationType)
    about: Mapped[str] = mapped_column(Text, default="")
    charity_number: Mapped[str | None] = mapped_column(String(12))
    company_number: Mapped[str | None] = mapped_column(String(8))
    other_identifier: Mapped[str | None] = mapped_column(String(60))  # of another register: a school, a housing society
    website: Mapped[str] = mapped_column(String(200), default="")
    size: Mapped[Size | None] = one_of(Size)
    our_reference: Mapped[str | None] = mapped_column(String(60), unique=True)  # what a list of ours calls it
    borough: Mapped[str] = mapped_column(String(40))  # where it mainly works
    state: Mapped[OrganisationState] = one_of(OrganisationState, default=OrganisationState.PROSPECTIVE)
    ceiling: Mapped[int | None]
    approved_until: Mapped[date | None]
    paused_at: Mapped[datetime | None]  # the last time
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who keeps the relationship
    created_at: Mapped[datetime]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))

    owner: Mapped[Person | None] = relationship()
    merged_into: Mapped[Organisation | None] = relationship(remote_side="Organisation.id")
    also_in: Mapped[list[OrganisationBorough]] = relationship(
        order_by="OrganisationBorough.borough", cascade="all, delete-orphan"
    )
    sites: Mapped[list[Site]] = relationship(back_populates="organisation", order_by="Site.id")
    contacts: Mapped[list[Contact]] = relationship(back_populates="organisation", order_by="Contact.id")
    if TYPE_CHECKING:
        signatory_id: Mapped[int | None]  # whom it has named to sign Challenge Agreements, if anybody

    @property
    def survivor(self) -> Organisation:
        """The record that stays: this one, or the one that it became part of."""
        return self.merged_into or self

    def is_approved(self, today: date) -> bool:
        """Approved, and not run out."""
        return self.state is OrganisationState.APPROVED and (
            self.approved_until is None or today <= self.approved_until
        )


class OrganisationBorough(Model):
    """A borough where an organisation works beside the one where it mainly works."""

    __tablename__ = "organisation_borough"
    __table_args__ = (UniqueConstraint("organisation_id", "borough"), Index(None, "borough"))

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    borough: Mapped[str] = mapped_column(String(40))


class Site(Model):
    """A place where students work. Its own checks hold until `cleared_until`, their last day; None: not yet.

    How to get there and how accessible it is are asked once, here, and shown on every brief of the place.
    """

    __tablename__ = "site"
    __table_args__ = (Index(None, "organisation_id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True, default=new_public_id)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(300))
    postcode: Mapped[str] = mapped_column(String(10))
    borough: Mapped[str] = mapped_column(String(40))
    directions: Mapped[str] = mapped_column(String(300), default="")
    access_notes: Mapped[str] = mapped_column(Text, default="")
    cleared_until: Mapped[date | None]

    organisation: Mapped[Organisation] = relationship(back_populates="sites")

    def is_cleared(self, day: date) -> bool:
        """Its own checks were passed, and have not run out."""
        return self.cleared_until is not None and day <= self.cleared_until


class Contact(Model):
    """A person at an organisation, until they leave."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("organisation_id", "person_id"),
        check_one_of("role", ContactRole),
        Index(None, "person_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[ContactRole] = one_of(ContactRole)
    job_title: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    left_on: Mapped[date | None]

    organisation: Mapped[Organisation] = relationship(back_populates="contacts")
    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


Organisation.signatory_id = column_property(
    select(Contact.person_id)
    .where(Contact.organisation_id == Organisation.id, Contact.left_on.is_(None))
    .where(Contact.role == ContactRole.SIGNATORY)
    .order_by(Contact.id)
    .limit(1)
    .correlate_except(Contact)
    .scalar_subquery(),
    deferred=True,
)


class Interest(Model):
    """A declared tie between a person and an organisation: they decide nothing about it."""

    __tablename__ = "interest"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id", "kind"),
        check_one_of("kind", InterestKind),
        Index(None, "organisation_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[InterestKind] = one_of(InterestKind)
    declared_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation] = relationship()
