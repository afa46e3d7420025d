"""November to February: Challenge Agreements are written, sent round, changed where somebody asks, and signed."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy import select

from placements.agreements import actions
from placements.agreements.models import Agreement
from placements.agreements.weeks import even_spread
from placements.agreements.workflow import AgreementState
from placements.cohorts.models import Enrolment
from placements.cohorts.queries import closed_days
from placements.core.clock import in_london, today
from placements.core.policy import Principal
from placements.db import db
from placements.demo.placed import Placed, days_between, latest_version
from placements.demo.stage import Beat, Season, principal
from placements.demo.words import agreement_words
from placements.links.actions import latest_link
from placements.placing.models import Placement
from placements.placing.queries import whole
from placements.signing import actions as signing
from placements.signing import sending
from placements.signing.invitations import SIGN_BY_LINK, Invitation, invitation_of
from placements.signing.policy import ABILITIES

Find = Callable[[], Placement | None]

# Of this year's placements by number: those whose Agreement is not yet what it should be in the middle of February.
NOT_BEGUN = (3, 41, 77, 95)
ONLY_BEGUN = {12: (2, 3), 60: (2, 15)}
NOT_SIGNED_BY_STUDENT = {18: (2, 9), 52: (2, 11)}
NOT_SIGNED_BY_SUPERVISOR = {7: (2, 12), 33: (1, 18), 70: (2, 4)}
NOT_SIGNED_BY_TUTOR = {25: (2, 16), 64: (2, 16), 88: (2, 16)}  # the tutors sign on Mondays and Thursdays
SENT_LATE = {**ONLY_BEGUN, **NOT_SIGNED_BY_STUDENT, **NOT_SIGNED_BY_SUPERVISOR, **NOT_SIGNED_BY_TUTOR}
SENT_BACK = (4, 30, 62)  # by the supervisor, who asks for a change before signing
WRITTEN_AGAIN = {15: (1, 14), 48: (1, 19), 66: (2, 10)}  # while in force: a second version
STILL_UNSIGNED = (66,)
BY_ACCOUNT = 5  # one supervisor in so many signs in to sign
TUTORS_SIGN = (0, 3)  # weekdays
SITTING = timedelta(minutes=25)  # from the first word to sending it round
FIRST_PARTS, LAST_PARTS = ("challenge", "objectives", "supervision"), ("confidentiality", "ownership")
CHANGES = (
    "Could you say on which weeks you cannot come? We open every week and would like to plan for it.",
    "Please leave out the survey by post. We tried it last year and nobody answered.",
    "I would like it to say that you are never alone with our guests. Otherwise I am happy.",
)


def chapter(season: Season) -> Iterator[Beat]:
    """Each student writes, each supervisor signs by the link of a mail or signed in, and the tutors twice a week."""
    placed = Placed(season)
    for number in range(sum(season.students.values())):
        if not _is_one(season, number, NOT_BEGUN):
            yield from _agreement(season, number, partial(placed.number, number))
    for day in days_between(season.on(11, 19), season.on(4, 29), TUTORS_SIGN):
        yield Beat(in_london(day, time(16, 10)), partial(_tutors_sign, season))


def _agreement(season: Season, number: int, find: Find) -> Iterator[Beat]:
    is_late = _is_one(season, number, SENT_LATE)
    written = _on(season, SENT_LATE[number]) if is_late else _usual(season, number)
    if _is_one(season, number, ONLY_BEGUN):
        yield Beat(written, partial(write, season, find, but=LAST_PARTS))
        return
    sent = written if is_late or season.chance.random() < 0.7 else _later(season, written, 1, 4)
    signs = not _is_one(season, number, NOT_SIGNED_BY_STUDENT)
    yield Beat(written, partial(write, season, find))
    yield Beat(sent + SITTING, partial(send, find, signs=signs))
    if _is_one(season, number, NOT_SIGNED_BY_SUPERVISOR):
        return
    answered = sent + 2 * SITTING if is_late else _later(season, sent, 1, 5)
    if number in SENT_BACK:
        asks = partial(_ask_for_a_change, find, season.chance.choice(CHANGES), f"{season.starts}-{number}")
        yield Beat(answered, asks)
        mended = _later(season, answered, 1, 1)
        yield Beat(mended, partial(_write_the_change, find))
        answered = _later(season, mended, 1, 3)
    yield Beat(answered, partial(supervisor_signs, find, by_link=number % BY_ACCOUNT != 2))
    if _is_one(season, number, WRITTEN_AGAIN):
        yield from _again(season, find, _on(season, WRITTEN_AGAIN[number]), number not in STILL_UNSIGNED)


def _is_one(season: Season, number: int, numbers: Collection[int]) -> bool:
    return season.starts == 2026 and number in numbers


def _usual(season: Season, number: int) -> datetime:
    if season.starts == 2026 and number % 17 == 5:
        first, last = (1, 5), (1, 15)
    elif number % 6 == 0:
        first, last = (11, 30), (12, 9)
    else:
        first, last = (11, 18), (11, 27)
    return season.around(season.on(*first), season.on(*last))


def _on(season: Season, on: tuple[int, int]) -> datetime:
    return season.at(*on, season.chance.randint(9, 17), season.chance.randrange(0, 60, 5))


def _later(season: Season, instant: datetime, least: int, most: int) -> datetime:
    """Some hour between breakfast and bed, so many days later."""
    day = today(instant) + timedelta(days=season.chance.randint(least, most))
    return in_london(day, time(season.chance.randint(8, 20), season.chance.randrange(0, 60, 5)))


def _again(season: Season, find: Find, written: datetime, is_signed: bool) -> Iterator[Beat]:
    yield Beat(written, partial(write, season, find, but=FIRST_PARTS))
    yield Beat(written + SITTING, partial(send, find))
    if is_signed:
        yield Beat(_later(season, written, 1, 4), partial(supervisor_signs, find))


def agreement_of(season: Season, find: Find, day: date) -> Iterator[Beat]:
    """The same for a placement that somebody was given late: written that day, signed by all within the week."""
    written = in_london(day, time(10, 5))
    yield Beat(written, partial(write, season, find))
    yield Beat(written + SITTING, partial(send, find))
    yield Beat(_later(season, written, 1, 2), partial(supervisor_signs, find))


def write(season: Season, find: Find, now: datetime, but: tuple[str, ...] = ()) -> None:
    """The student writes a version, all but some parts, which stay as they are."""
    placement = find()
    if placement is None:
        return
    student = Principal(placement.enrolment.person_id)
    agreement = actions.start(placement, actor=student, now=now)
    db.session.flush()
    written, objectives = agreement_words(placement, season.chance)
    words = {name: agreement.words[name] if name in but else text for name, text in written.items()}
    if "objectives" in but:
        objectives = [each.text for each in agreement.objectives]
    actions.save_draft(agreement, words, objectives, seen=agreement.edit_version, actor=student, now=now)
    planned = even_spread(placement.minutes_agreed, placement.starts_on, placement.ends_on, closed_days())
    actions.save_weeks(agreement, planned, seen=agreement.edit_version, actor=student, now=now)


def send(find: Find, now: datetime, signs: bool = True) -> None:
    """The student sends the draft round for signing, and signs it."""
    placement = find()
    agreement = latest_version(placement) if placement else None
    if placement is None or agreement is None or agreement.state is not AgreementState.DRAFT:
        return
    student = placement.enrolment.person
    actor = Principal(student.id)
    sending.propose(agreement, seen=agreement.edit_version, actor=actor, now=now)
    if signs:
        signing.sign(agreement, student.name, _address(student.id), seen=agreement.sha256 or "", actor=actor, now=now)


def supervisor_signs(find: Find, now: datetime, by_link: bool = True) -> None:
    """The supervisor signs what goes round: by the link of their mail, or signed in."""
    placement = find()
    invitation = _invitation(placement) if placement else None
    if placement is None or invitation is None:
        return
    supervisor, address = placement.supervisor, _address(placement.supervisor_id)
    if by_link:
        signing.sign_by_link(invitation, supervisor.name, address, now=now)
    else:
        seen, actor = invitation.link.version, Principal(supervisor.id)
        signing.sign(invitation.agreement, supervisor.name, address, seen=seen, actor=actor, now=now)


def _ask_for_a_change(find: Find, text: str, form_key: str, now: datetime) -> None:
    placement = find()
    invitation = _invitation(placement) if placement else None
    if invitation is not None:
        signing.ask_by_link(invitation, text, form_key, now=now)


def _write_the_change(find: Find, now: datetime) -> None:
    placement = find()
    agreement = latest_version(placement) if placement else None
    if placement is None or agreement is None or agreement.state is not AgreementState.DRAFT:
        return
    changed = f"{agreement.hours_plan}\n\nChanged after {placement.supervisor.given_name} asked: see the comment."
    words = {**agreement.words, "hours_plan": changed}
    objectives, student = agreement.content.objectives, Principal(placement.enrolment.person_id)
    actions.save_draft(agreement, words, objectives, seen=agreement.edit_version, actor=student, now=now)
    send(find, now)


def _invitation(placement: Placement) -> Invitation | None:
    """The supervisor's link to the version that goes round, while they can sign by it."""
    agreement = latest_version(placement)
    if agreement is None or agreement.state is not AgreementState.SIGNING:
        return None
    link = latest_link(SIGN_BY_LINK, agreement.id, placement.supervisor_id)
    return invitation_of(link) if link else None


def _tutors_sign(season: Season, now: datetime) -> None:
    """Each tutor signs what goes round and is theirs to sign."""
    going_round = (
        select(Agreement)
        .join(Agreement.placement)
        .join(Placement.enrolment)
        .where(Agreement.state == AgreementState.SIGNING, Enrolment.run_id.in_([run.id for run in season.runs()]))
        .order_by(Agreement.id)
    )
    tutors: dict[int, Principal] = {}
    for agreement in db.session.scalars(going_round).all():
        placement = db.session.get_one(Placement, agreement.placement_id, options=whole())
        tutor = placement.tutor
        if tutor is None:
            continue
        if tutor.id not in tutors:
            tutors[tutor.id] = principal(tutor.id)
        actor = tutors[tutor.id]
        if ABILITIES["signing.sign"](actor, agreement, now):
            seen = agreement.sha256 or ""
            signing.sign(agreement, tutor.name, _address(tutor.id), seen=seen, actor=actor, now=now)


def _address(person_id: int) -> str:
    """A network address that belongs to nobody."""
    return f"198.51.100.{person_id % 254 + 1}"
