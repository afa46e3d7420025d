"""Bookmarking, needs, drafting, submitting and withdrawing choices; reminding those who have none."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import delete, select, update

from placements.applications import notices, rules
from placements.applications.answering import follow_choices
from placements.applications.finding import chosen
from placements.applications.models import Application, Bookmark, Needs, Preference, Receipt
from placements.applications.overview import without_choices
from placements.applications.queries import receipt_of, why_shut, window_of
from placements.applications.rules import Draft
from placements.applications.workflow import APPLICATION
from placements.challenges.models import Challenge, WorkMode
from placements.cohorts.actions import move_enrolment
from placements.cohorts.models import Enrolment, ModuleRun
from placements.core.clock import in_london, today
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, insert_new
from placements.history.actions import record
from placements.mail.actions import tell
from placements.partners.boroughs import Distance

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
NOTHING_NEEDED = {
    "days": 0,
    "borough": "",
    "journey": Distance.FAR,
    "mode": WorkMode.ON_SITE,
    "access": "",
    "times": "",
}
CHANGED = "Your choices were changed somewhere else since you opened this page."


def bookmark(enrolment: Enrolment, challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Keep the challenge among the student's bookmarks. A private note: no history."""
    insert_new(Bookmark, [{"enrolment_id": enrolment.id, "challenge_id": challenge.id}])


def remove_bookmark(enrolment: Enrolment, challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Take the challenge out of the student's bookmarks again."""
    db.session.execute(
        delete(Bookmark).where(Bookmark.enrolment_id == enrolment.id, Bookmark.challenge_id == challenge.id)
    )


def keep_needs(enrolment: Enrolment, said: Mapping[str, Any], *, actor: Principal, now: datetime) -> bool:
    """Keep what the student needs, by column; where nothing is said, forget it. Returns whether anything is kept.

    Nobody else sees it, so it leaves no history. Raises Refused for a journey that starts nowhere.
    """
    if said["journey"] is not Distance.FAR and not said["borough"]:
        raise Refused("Choose the borough where you live in term time, so that we know where you start.", "borough")
    if dict(said) == NOTHING_NEEDED:
        db.session.execute(delete(Needs).where(Needs.enrolment_id == enrolment.id))
        return False
    insert_new(Needs, [{"enrolment_id": enrolment.id}])
    db.session.execute(update(Needs).where(Needs.enrolment_id == enrolment.id).values(**said))
    return True


def choose(enrolment: Enrolment, challenge: Challenge, *, actor: Principal, now: datetime) -> int:
    """Add the challenge to the draft as its last choice. Returns its rank, where it is one already too.

    Raises Refused when choosing is shut, or there are six.
    """
    _refuse_if_shut(enrolment, now)
    application = _locked(enrolment)
    draft = application.working.adding(challenge.public_id)
    _keep(application, draft, now)
    return draft.rank_of(challenge.public_id) or 0


def save_draft(enrolment: Enrolment, draft: Draft, *, seen: str, actor: Principal, now: datetime) -> None:
    """Keep what the student works on; nobody else sees it, so it leaves no history. `seen`: the version it was made of.

    Challenges that are neither open to the student nor in the draft already are left out. Raises Refused when choosing
    is shut, Conflict when another page has saved something else since.
    """
    _refuse_if_shut(enrolment, now)
    application = _locked(enrolment)
    known = chosen(enrolment, [choice.challenge for choice in draft.choices], now)
    for choice in draft.choices:
        there = known.get(choice.challenge)
        is_new = application.working.rank_of(choice.challenge) is None
        if there is None or (is_new and not (there.option.is_open and there.option.suits)):
            draft = draft.removing(choice.challenge)
    if draft == application.working:
        return
    if seen != application.working.version:
        raise Conflict(f"{CHANGED} What you typed is below; what is saved stands under it. Save again to keep yours.")
    _keep(application, draft, now)


def submit(application: Application, *, seen: str, actor: Principal, now: datetime) -> Receipt:
    """Submit the draft: it replaces what was submitted before. Mails a receipt, and the student is seeking a place.

    `seen`: the version that was read and agreed to. Returns the receipt, the same one where nothing has changed since.
    What a published round has used counts anew, the same words too: organisations see it again, and answer again.
    Raises Refused when choosing is shut or the draft breaks a rule, Conflict when the draft is no longer what was seen.
    """
    enrolment = application.enrolment
    _refuse_if_shut(enrolment, now)
    hold_row(application)
    draft = application.working
    if seen != draft.version:
        raise Conflict(f"{CHANGED} Read them again as they are now, then submit.")
    options = chosen(enrolment, [choice.challenge for choice in draft.choices], now)
    found = rules.problems(draft, {public_id: each.option for public_id, each in options.items()})
    if found:
        raise Refused(found[0])
    before = receipt_of(application)
    if before is not None and application.standing == draft and application.decided_at is None:
        return before
    answered = {} if application.decided_at else _words_of(application)
    APPLICATION.move(application, "submit")
    application.submitted_at, application.statement = now, draft.statement
    application.decided_at = application.answers_closed_at = None
    _replace_preferences(application, [(options[each.challenge].challenge, each.addition) for each in draft.choices])
    follow_choices(application, answered, now=now)
    receipt = _write_receipt(application, now)
    record("submitted choices", application, actor=actor, now=now, person_id=enrolment.person_id)
    tell(notices.SUBMITTED, receipt.id, [enrolment.person_id], now)
    move_enrolment(enrolment, "seek", actor=actor, now=now)
    return receipt


def withdraw(application: Application, number: str, *, actor: Principal, now: datetime) -> None:
    """Take back what was submitted under that receipt; organisations no longer see it. The draft stays. Mails so.

    Raises Refused when choosing is shut, or where another receipt stands by now.
    """
    _refuse_if_shut(application.enrolment, now)
    hold_row(application)
    before = receipt_of(application)
    if before is not None and before.number != number:
        raise Refused("You have submitted again since you opened this page. Read it again, then decide.")
    if not APPLICATION.move(application, "withdraw"):
        return
    application.statement, application.submitted_at = "", None
    _replace_preferences(application, [])
    follow_choices(application, {}, now=now)
    student = application.enrolment.person_id
    record("withdrew choices", application, actor=actor, now=now, person_id=student)
    tell(notices.WITHDRAWN, application.id, [student], now)


def nudge(run: ModuleRun, expected: int, *, actor: Principal, now: datetime) -> int:
    """Ask by mail those of the run who have submitted nothing, each at most once a London day. Returns how many.

    Raises Refused when choosing is shut, or where they are not `expected` many any more.
    """
    shut = window_of(run).why_shut(now)
    if shut:
        raise Refused(shut)
    waiting = without_choices(run)
    if len(waiting) != expected:
        raise Refused("The list has changed since you opened this page. Read it again, then send.")
    this_day = in_london(today(now), time(0))
    for enrolment in waiting:
        tell(notices.NUDGE, enrolment.id, [enrolment.person_id], this_day)
    record("asked those without choices", run, actor=actor, now=now)
    return len(waiting)


def close_to_organisations(enrolment_ids: Collection[int], *, now: datetime) -> None:
    """A round that used these enrolments' applications is published: organisations lose sight of them from now on."""
    db.session.execute(
        update(Application)
        .where(Application.enrolment_id.in_(enrolment_ids), Application.decided_at.is_(None))
        .values(decided_at=now)
    )


def _refuse_if_shut(enrolment: Enrolment, now: datetime) -> None:
    shut = why_shut(enrolment, now)
    if shut:
        raise Refused(shut)


def _locked(enrolment: Enrolment) -> Application:
    """The enrolment's application, made now if there was none, and no other transaction's until this one ends."""
    insert_new(Application, [{"enrolment_id": enrolment.id}])
    found = select(Application).where(Application.enrolment_id == enrolment.id)
    return db.session.scalars(found.with_for_update()).one()


def _keep(application: Application, draft: Draft, now: datetime) -> None:
    application.draft, application.draft_saved_at = draft.kept(), now


def _words_of(application: Application) -> dict[int, tuple[str, str]]:
    return {each.challenge_id: (application.statement, each.addition) for each in application.preferences}


def _replace_preferences(application: Application, chosen_now: list[tuple[Challenge, str]]) -> None:
    application.preferences.clear()
    db.session.flush()  # the old ranks are gone before the new ones come
    application.preferences.extend(
        Preference(rank=rank, challenge=challenge, addition=addition)
        for rank, (challenge, addition) in enumerate(chosen_now, 1)
    )


def _write_receipt(application: Application, now: datetime) -> Receipt:
    choices = [
        {"title": each.challenge.title, "organisation": each.challenge.organisation.name, "addition": each.addition}
        for each in application.preferences
    ]
    receipt = Receipt(
        number="-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(2)),
        application=application,
        submitted_at=now,
        statement=application.statement,
        choices=choices,
    )
    db.session.add(receipt)
    db.session.flush()
    return receipt
