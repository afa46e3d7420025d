"""Reads about checks, risk and memoranda: who may see which, what is asked of whom, what waits and what runs out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.partners.models import Organisation, Site
from placements.partners.queries import stands_at
from placements.vetting import rules
from placements.vetting.models import Check, Evidence, Memorandum, SiteRisk
from placements.vetting.policy import READERS, SEES_EVIDENCE
from placements.vetting.rules import ASKED, ASKED_OF_PLACE, Asked, CheckKind, Standing
from placements.vetting.workflow import HOLDS, CheckState

PLACE = "place"  # in an address: the one check of a place


@dataclass(frozen=True)
class Question:
    """One thing that is asked of an organisation, or of one of its places; `check` is the answer, if there is one."""

    organisation: Organisation
    kind: CheckKind
    site: Site | None = None
    check: Check | None = None

    @property
    def public_id(self) -> str:
        """Its part of an address, whether it is answered or not."""
        return f"{self.site.public_id}.{PLACE}" if self.site else f"{self.organisation.public_id}.{slug(self.kind)}"

    @property
    def asked(self) -> Asked:
        """What is asked, in plain words."""
        return ASKED_OF_PLACE if self.site else ASKED[self.kind]

    @property
    def is_registered(self) -> bool:
        """Whether the record holds a number that anybody can look up."""
        whole = self.organisation
        return bool(whole.charity_number or whole.company_number or whole.other_identifier)

    @property
    def until(self) -> date | None:
        """Its last day; None while it does not hold."""
        return self.check.valid_until if self.check else None

    def standing(self, day: date) -> Standing:
        """How it stands on that day."""
        return rules.standing(self.check.state.value if self.check else None, self.until, day)

    def holds(self, day: date) -> bool:
        """Whether it was passed and has not run out."""
        return self.until is not None and day <= self.until

    def renewal(self, day: date) -> date | None:
        """Its last day once the organisation says that it is still true; None where it cannot be renewed so."""
        check = self.check
        if check is None or check.valid_until is None or check.verified_at is None or check.state not in HOLDS:
            return None
        return rules.renewed_until(
            self.asked,
            check.answer,
            paper_until=check.paper_until,
            valid_until=check.valid_until,
            verified_on=today(check.verified_at),
            day=day,
        )

    def runs_out_soon(self, day: date) -> bool:
        """Whether it has run out, or does so within the time in which it can be renewed."""
        return self.until is not None and self.until - rules.RENEWED_FROM <= day

    def needs_an_answer(self, day: date) -> bool:
        """Whether the organisation has to say something that its word alone does not settle."""
        where = self.standing(day)
        if where in (Standing.DUE, Standing.FAILED):
            return True
        return where is not Standing.WAITS and self.runs_out_soon(day) and self.renewal(day) is None


def slug(kind: CheckKind) -> str:
    """The kind as an address says it."""
    return kind.value.replace("_", "-")


def seen_by(who: Principal) -> Select[Organisation]:
    """The organisations whose checks `who` may read: contacts their own; those who keep students safe all."""
    rows = select(Organisation)
    return rows if who.has_any(*READERS) else rows.where(Organisation.id.in_(who.held_on("contact")))


def organisation_of(who: Principal, public_id: str) -> Organisation | None:
    """An organisation whose checks `who` may read; what became part of it leads to it."""
    found = seen_by(who).where(Organisation.id == stands_at(public_id))
    return db.session.scalar(found.options(joinedload(Organisation.owner)))


def site_of(who: Principal, public_id: str) -> Site | None:
    """A place of such an organisation."""
    own = Site.organisation_id.in_(seen_by(who).with_only_columns(Organisation.id))
    found = select(Site).where(Site.public_id == public_id, own)
    return db.session.scalar(found.options(joinedload(Site.organisation)))


def question_of(who: Principal, public_id: str) -> Question | None:
    """What an address asks, of an organisation or place that `who` may see."""
    of, _, what = public_id.rpartition(".")
    kind = next((each for each in CheckKind if slug(each) == what), None)
    site = site_of(who, of) if what == PLACE else None
    organisation = site.organisation if site else organisation_of(who, of) if kind else None
    if organisation is None:
        return None
    asked = Question(organisation, kind or CheckKind.HEALTH_AND_SAFETY, site)
    return replace(asked, check=db.session.scalar(answers_to(asked).options(*SHOWN)))


def answers_to(question: Question) -> Select[Check]:
    """The row that answers it, if there is one."""
    rows = select(Check).where(Check.organisation_id == question.organisation.id, Check.kind == question.kind)
    return rows.where(Check.site_id == question.site.id if question.site else Check.site_id.is_(None))


SHOWN = (
    selectinload(Check.evidence).joinedload(Evidence.file),
    joinedload(Check.answered_by),
    joinedload(Check.verified_by),
)


def question_asked_by(check: Check) -> Question:
    """What a check answers."""
    return Question(check.organisation, check.kind, check.site, check)


def questions_of(organisation: Organisation) -> list[Question]:
    """The five of the organisation, then one for each place. Three queries."""
    rows = select(Check).where(Check.organisation_id == organisation.id).options(*SHOWN)
    found = {(each.site_id, each.kind): each for each in db.session.scalars(rows)}
    sites = db.session.scalars(select(Site).where(Site.organisation_id == organisation.id).order_by(Site.id)).all()
    safety = CheckKind.HEALTH_AND_SAFETY
    return [
        *(Question(organisation, kind, None, found.get((None, kind))) for kind in CheckKind),
        *(Question(organisation, safety, site, found.get((site.id, safety))) for site in sites),
    ]


def lacking(questions: Iterable[Question], day: date) -> list[Question]:
    """What keeps the organisation from being approved."""
    return [each for each in questions if each.site is None and not each.holds(day)]


def last_days(organisation_id: int) -> list[date | None]:
    """Until when each of the organisation's five checks holds. One query."""
    rows = select(Check.kind, Check.valid_until).where(
        Check.organisation_id == organisation_id, Check.site_id.is_(None)
    )
    found = {each.kind: each.valid_until for each in db.session.execute(rows)}
    return [found.get(kind) for kind in CheckKind]


def all_hold_until(organisation_id: int) -> date | None:
    """Until when all five of them hold; None where one does not hold at all. One query."""
    return rules.last_day(last_days(organisation_id))


def check_of(who: Principal, public_id: str) -> Check | None:
    """An answered check of an organisation that `who` may see."""
    own = Check.organisation_id.in_(seen_by(who).with_only_columns(Organisation.id))
    found = select(Check).where(Check.public_id == public_id, own)
    return db.session.scalar(found.options(*SHOWN, joinedload(Check.organisation), joinedload(Check.site)))


def evidence_of(who: Principal, public_id: str) -> Evidence | None:
    """A file of a check whose evidence `who` may read."""
    found = select(Evidence).join(Evidence.check).where(Evidence.public_id == public_id)
    if not who.has_any(*SEES_EVIDENCE):
        found = found.where(Check.organisation_id.in_(who.held_on("contact")))
    return db.session.scalar(found.options(contains_eager(Evidence.check), joinedload(Evidence.file)))


def next_waiting(organisation: Organisation) -> Check | None:
    """The oldest answer of the organisation that waits for us."""
    waiting = select(Check).where(Check.organisation_id == organisation.id, Check.state == CheckState.ANSWERED)
    return db.session.scalar(waiting.order_by(Check.answered_at, Check.id).limit(1))


def risks_of(organisation: Organisation) -> dict[int, SiteRisk]:
    """The risk profile of each of its places that has one, by the place's key. One query."""
    rows = select(SiteRisk).join(SiteRisk.site).where(Site.organisation_id == organisation.id)
    return {each.site_id: each for each in db.session.scalars(rows.options(joinedload(SiteRisk.assessed_by)))}


def risk_of(site: Site) -> SiteRisk | None:
    """A place's risk profile."""
    return db.session.scalar(select(SiteRisk).where(SiteRisk.site_id == site.id))


def memoranda_of(organisation: Organisation) -> Sequence[Memorandum]:
    """Its memoranda, the newest first."""
    rows = select(Memorandum).where(Memorandum.organisation_id == organisation.id)
    return db.session.scalars(rows.order_by(Memorandum.version.desc()).options(joinedload(Memorandum.file))).all()


def memorandum_of(who: Principal, public_id: str) -> Memorandum | None:
    """A memorandum of an organisation that `who` may see."""
    own = Memorandum.organisation_id.in_(seen_by(who).with_only_columns(Organisation.id))
    found = select(Memorandum).where(Memorandum.public_id == public_id, own)
    return db.session.scalar(found.options(joinedload(Memorandum.organisation), joinedload(Memorandum.file)))
