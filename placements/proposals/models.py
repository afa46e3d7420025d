"""A place that a student found and proposes; and until when the students of a run may propose one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.challenges.models import MODES, WorkMode
from placements.cohorts.models import THEMES, Enrolment, Theme
from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.offers.models import Offer
from placements.partners.models import Organisation, Site
from placements.people.models import EMAIL_LENGTH, Person
from placements.proposals.rules import MEANS, MOST_LEAD, TIES, Means, Tie
from placements.proposals.workflow import ProposalState


class Proposal(Model):
    """What the student says stands as they said it; what staff found stands beside it.

    `verified_email` is the address that the organisation itself gave. `asked_by_team`: the question came from those
    who read the organisation's part alone, so they read the answer.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        check_one_of("state", ProposalState),
        check_one_of("theme", Theme),
        check_one_of("mode", WorkMode),
        check_one_of("tie", Tie),
        check_one_of("verified_means", Means),
        CheckConstraint("offer_id IS NULL OR state = 'approved'", name="offered_is_approved"),
        CheckConstraint("(verified_at IS NULL) = (verified_email IS NULL)", name="verified_whole"),
        partial_index(
            "uq_proposal_open",
            "enrolment_id",
            where="state IN ('proposed', 'more_asked', 'organisation_checked')",
            unique=True,
        ),
        Index(None, "enrolment_id"),
        Index(None, "organisation_id"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    state: Mapped[ProposalState] = one_of(ProposalState, default=ProposalState.PROPOSED)
    proposed_at: Mapped[datetime]
    due_at: Mapped[datetime]  # by when staff do what comes next

    organisation_name: Mapped[str] = mapped_column(String(200))
    organisation_about: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(String(300))
    postcode: Mapped[str] = mapped_column(String(10))
    borough: Mapped[str] = mapped_column(String(40))
    supervisor_name: Mapped[str] = mapped_column(String(200))
    supervisor_email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    title: Mapped[str] = mapped_column(String(120))
    need: Mapped[str] = mapped_column(Text)  # what the student will do
    theme: Mapped[Theme] = one_of(Theme)
    mode: Mapped[WorkMode] = one_of(WorkMode)
    times: Mapped[str] = mapped_column(String(200), default="")
    tie: Mapped[Tie] = one_of(Tie)
    tied_to: Mapped[str] = mapped_column(String(200), default="")
    duties_now: Mapped[str] = mapped_column(Text, default="")
    duties_differ: Mapped[str] = mapped_column(Text, default="")

    question: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    asked_by_team: Mapped[bool] = mapped_column(default=False)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    verified_email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    verified_means: Mapped[Means | None] = one_of(Means)
    verified_how: Mapped[str] = mapped_column(Text, default="")
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was refused; the student reads it
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), unique=True)

    enrolment: Mapped[Enrolment] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    site: Mapped[Site | None] = relationship()
    verified_by: Mapped[Person | None] = relationship()
    offer: Mapped[Offer | None] = relationship()

    @property
    def theme_name(self) -> str:
        """Its area as people say it."""
        return THEMES[self.theme]

    @property
    def mode_said(self) -> str:
        """How the work would be done."""
        return MODES[self.mode]

    @property
    def tie_said(self) -> str:
        """What the student is to the organisation, in their own words of the form."""
        return TIES[self.tie]

    @property
    def means_said(self) -> str:
        """How the organisation was reached; nothing where it was not."""
        return MEANS[self.verified_means] if self.verified_means else ""


class ProposalLead(Model):
    """How many working days before choices close a run's students may last propose a place; no row: the usual."""

    __tablename__ = "proposal_lead"
    __table_args__ = (CheckConstraint(f"working_days BETWEEN 0 AND {MOST_LEAD}", name="lead_in_range"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"), primary_key=True)
    working_days: Mapped[int]
