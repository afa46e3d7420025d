"""Checks with their evidence, risk profiles of places, and memoranda of understanding."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.db import Key, Model, check_one_of, new_public_id, one_of, partial_index, public_id
from placements.files.models import StoredFile
from placements.partners.models import Organisation, Site
from placements.people.models import Person
from placements.vetting.rules import Answer, CheckKind, Risk
from placements.vetting.workflow import CheckState, MemorandumState


class Check(Model):
    """One question about an organisation or one of its places: its answer, our finding, and until when it holds.

    It holds up to and including `valid_until`, set by who verifies it and moved by `renew`; None: it does not hold. An
    answer that is looked at again may hold meanwhile. `renewed_at` is when the organisation said that it is still true.
    """

    __tablename__ = "partner_check"
    __table_args__ = (
        partial_index("uq_partner_check_whole", "organisation_id", "kind", where="site_id IS NULL", unique=True),
        partial_index("uq_partner_check_site", "site_id", "kind", where="site_id IS NOT NULL", unique=True),
        Index(None, "organisation_id"),
        check_one_of("state", CheckState),
        check_one_of("kind", CheckKind),
        check_one_of("answer", Answer),
        CheckConstraint("state NOT IN ('passed', 'conditional') OR valid_until IS NOT NULL", name="passed_until_a_day"),
        Index(None, "state", "valid_until"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))  # None: of the whole organisation
    kind: Mapped[CheckKind] = one_of(CheckKind)
    state: Mapped[CheckState] = one_of(CheckState, default=CheckState.ANSWERED)
    answer: Mapped[Answer] = one_of(Answer)
    words: Mapped[str] = mapped_column(Text, default="")
    paper_until: Mapped[date | None]  # the last day that the certificate itself names
    answered_at: Mapped[datetime]
    answered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    valid_until: Mapped[date | None]
    finding: Mapped[str] = mapped_column(Text, default="")  # the condition, or why not; the organisation reads it
    renewed_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    site: Mapped[Site | None] = relationship()
    answered_by: Mapped[Person] = relationship(foreign_keys=[answered_by_id])
    verified_by: Mapped[Person | None] = relationship(foreign_keys=[verified_by_id])
    evidence: Mapped[list[Evidence]] = relationship(back_populates="check", order_by="Evidence.id")


class Evidence(Model):
    """A file that shows what a check's answer says."""

    __tablename__ = "check_evidence"
    __table_args__ = (Index(None, "check_id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    check_id: Mapped[int] = mapped_column(ForeignKey("partner_check.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    added_at: Mapped[datetime]

    check: Mapped[Check] = relationship(back_populates="evidence")
    file: Mapped[StoredFile] = relationship()


class SiteRisk(Model):
    """The risk of a place, factor by factor, what is done about it, and what is left then (`residual`)."""

    __tablename__ = "site_risk"
    __table_args__ = (
        *(check_one_of(name, Risk) for name in ("travel", "location", "environment", "insurance", "residual")),
        CheckConstraint("residual = 'low' OR actions <> ''", name="actions_are_recorded"),
    )

    id: Mapped[Key]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), unique=True)
    travel: Mapped[Risk] = one_of(Risk)
    location: Mapped[Risk] = one_of(Risk)
    environment: Mapped[Risk] = one_of(Risk)
    insurance: Mapped[Risk] = one_of(Risk)
    actions: Mapped[str] = mapped_column(Text, default="")
    residual: Mapped[Risk] = one_of(Risk)
    assessed_at: Mapped[datetime]
    assessed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    site: Mapped[Site] = relationship()
    assessed_by: Mapped[Person] = relationship()


class Memorandum(Model):
    """An understanding between an organisation and the university. Optional: it gates nothing."""

    __tablename__ = "memorandum"
    __table_args__ = (
        UniqueConstraint("organisation_id", "version"),
        check_one_of("state", MemorandumState),
        Index(None, "state", "expires_on"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True, default=new_public_id)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    version: Mapped[int]
    state: Mapped[MemorandumState] = one_of(MemorandumState, default=MemorandumState.DRAFT)
    text: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))  # the signed paper
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    signed_on: Mapped[date | None]
    signed_for_them: Mapped[str] = mapped_column(String(150), default="")  # the name as it was signed
    signed_for_us: Mapped[str] = mapped_column(String(150), default="")
    expires_on: Mapped[date | None]  # its last day

    organisation: Mapped[Organisation] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    made_by: Mapped[Person] = relationship()
