"""How organisations are vetted: they answer, officers verify and approve, a year later it is renewed; a few lag."""

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from placements.core.clock import today
from placements.db import db
from placements.demo import papers
from placements.demo.cast import STAFF
from placements.demo.stage import Beat, person_at, principal, working_days_later
from placements.files.actions import Received, receive
from placements.partners.models import Contact, ContactRole, Organisation, OrganisationType
from placements.vetting import actions, memoranda, queries
from placements.vetting.queries import Question
from placements.vetting.rules import Answer, CheckKind, Risk, Standing, holds_until

ENGAGEMENT, SAFETY = (
    next(part.email for part in STAFF if part.short == short) for short in ("engagement", "safety-officer")
)
CERTIFICATE_LASTS = timedelta(days=14 * 30)
SOON = date(2027, 3, 5)
INFORMAL = (OrganisationType.COMMUNITY_GROUP, OrganisationType.FAITH_GROUP, OrganisationType.SPORTS_CLUB)
# Organisations by their place in the list: what sets each apart.
RAN_OUT = {21: date(2027, 1, 29)}
ON_CONDITION = {18: "One of you stays in the room whenever young people are there."}
RISKY = {17: "Nobody is in the kitchen alone, and the stairs are lit. Our volunteer coordinator looks each Monday."}
WITH_MEMORANDUM = (16, 19)  # the first is signed, the other a draft
WEIGHED = (16, 17, 18, 20)

INSTEAD = {
    CheckKind.IDENTITY: "Run by its members since 2009. The council’s partnerships team has known us from the start.",
    CheckKind.INSURANCE: "Nobody is employed here. The hall’s public liability insurance covers everybody in it.",
}
PLACE = "One step at the door, a kettle and a small kitchen. Two first aiders; the way out is by the front door."


def vetted(name: str, index: int, began: datetime, fate: dict[str, bool]) -> Iterator[Beat]:
    """Answers, findings and approval within days; renewal after a year. `fate` says who has a short certificate."""

    def find() -> Organisation:
        return db.session.scalars(select(Organisation).where(Organisation.name == name)).one()

    def until(now: datetime) -> date:
        return RAN_OUT.get(index) or (SOON if fate.get("ends_soon") else today(now) + CERTIFICATE_LASTS)

    def answer(now: datetime) -> None:
        for question in queries.questions_of(find()):
            _answer(question, until(now), now, must_be_insured=index in RAN_OUT or fate.get("ends_soon", False))

    def verify(now: datetime) -> None:
        organisation = find()
        _verify_all(organisation, ON_CONDITION.get(index), now)
        actions.approve(organisation, actor=principal(person_at(ENGAGEMENT).id), now=now)

    yield Beat(working_days_later(began, 4) + timedelta(hours=1), answer)
    yield Beat(working_days_later(began, 6), verify)
    if index in WEIGHED:
        yield Beat(working_days_later(began, 9), lambda now: _weigh(find(), RISKY.get(index), now))
    if index in WITH_MEMORANDUM:
        yield Beat(working_days_later(began, 12), lambda now: _agree(find(), index == WITH_MEMORANDUM[0], now))
    again = working_days_later(began + timedelta(days=350), 0)
    yield Beat(again, lambda now: _renew(find(), until(now), now))
    yield Beat(working_days_later(again, 2), lambda now: _verify_all(find(), None, now))


def _contact(organisation: Organisation) -> int:
    here = select(Contact.person_id).where(Contact.organisation_id == organisation.id)
    return db.session.scalars(here.where(Contact.role == ContactRole.PRIMARY).limit(1)).one()


def _answer(question: Question, until: date, now: datetime, must_be_insured: bool) -> None:
    """Groups adopt our pages and say what they do; the others have papers."""
    is_informal = question.organisation.type in INFORMAL
    said, files = Answer.PAPER, [_paper(question.asked.title)]
    if question.site or (is_informal and question.kind in INSTEAD and not must_be_insured):
        said, files = Answer.INSTEAD, []
    elif is_informal and question.asked.has_template:
        said, files = Answer.TEMPLATE, []
    words = PLACE if question.site else INSTEAD.get(question.kind, "")
    actions.answer(
        question,
        answer=said,
        words=words if said is Answer.INSTEAD else "",
        paper_until=until,
        files=files,
        actor=principal(_contact(question.organisation)),
        now=now,
    )


@cache
def _bytes_of(title: str) -> bytes:
    return papers.pdf(title, [("A specimen", "This paper was made for the demonstration, and certifies nothing.")])


def _paper(title: str, year: str = "") -> Received:
    named = f"{title} {year}".strip()
    return receive(FileStorage(io.BytesIO(_bytes_of(named)), filename=f"{named}.pdf"))


def _verify_all(organisation: Organisation, condition: str | None, now: datetime) -> None:
    officer = principal(person_at(ENGAGEMENT).id)
    for question in queries.questions_of(organisation):
        check = question.check
        if check is None or question.standing(today(now)) is not Standing.WAITS:
            continue
        has_condition = bool(condition) and question.kind is CheckKind.SAFEGUARDING
        actions.verify(
            check,
            Standing.CONDITIONAL if has_condition else Standing.PASSED,
            until=holds_until(question.asked, check.answer, check.paper_until, today(now)),
            words=condition or "" if has_condition else "",
            seen=check.answered_at,
            actor=officer,
            now=now,
        )


def _renew(organisation: Organisation, until: date, now: datetime) -> None:
    """A new certificate where the old one ends; what is still true is said to be."""
    contact = principal(_contact(organisation))
    for question in queries.questions_of(organisation):
        if question.check is not None and question.renewal(today(now)):
            actions.renew(question.check, actor=contact, now=now)
        elif question.kind is CheckKind.INSURANCE and question.check and question.check.paper_until:
            file = _paper(question.asked.title, f"{until:%Y}")
            actions.answer(
                question, answer=Answer.PAPER, words="", paper_until=until, files=[file], actor=contact, now=now
            )


def _weigh(organisation: Organisation, what_is_done: str | None, now: datetime) -> None:
    """The safety officer has been there."""
    low = dict.fromkeys(("travel", "location", "insurance"), Risk.LOW)
    environment, left = (Risk.HIGH, Risk.MEDIUM) if what_is_done else (Risk.LOW, Risk.LOW)
    facts = {**low, "environment": environment, "residual": left, "actions": what_is_done or ""}
    for site in organisation.sites:
        actions.assess(site, facts, actor=principal(person_at(SAFETY).id), now=now)


def _agree(organisation: Organisation, is_signed: bool, now: datetime) -> None:
    officer = principal(person_at(ENGAGEMENT).id)
    made = memoranda.draft(
        organisation, memoranda.proposed(organisation), form_key=f"memo-{organisation.id}", actor=officer, now=now
    )
    if is_signed:
        memoranda.sign(
            made,
            signed_for_them="The chair",
            signed_for_us="The director of the London Met Lab",
            signed_on=today(now),
            expires_on=date(2029, 7, 31),
            file=None,
            actor=officer,
            now=now,
        )
