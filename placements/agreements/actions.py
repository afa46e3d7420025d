"""Writing an Agreement: a version begun, saved, commented on, sent round for signing, and taken back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from placements.agreements import notices, rules, weeks
from placements.agreements.invitations import SIGN_BY_LINK
from placements.agreements.models import Agreement, AgreementComment, Objective, Party, PlannedWeek
from placements.agreements.queries import dates_of, facts_now, prefilled, versions_of
from placements.agreements.workflow import AGREEMENT, OPEN, AgreementState
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, insert_new, new_public_id
from placements.history.actions import record
from placements.links.actions import add_link
from placements.mail.actions import tell
from placements.placing.actions import hold as hold_placement
from placements.placing.actions import parties
from placements.placing.models import Placement
from placements.placing.queries import sides_of

LINK_LASTS = timedelta(days=21)
CHANGED = "This was changed somewhere else since you opened it."


def start(placement: Placement, *, actor: Principal, now: datetime) -> Agreement:
    """The version being worked on, begun now if there is none: with the last one's words, or the organisation's.

    Raises Refused where the placement has ended.
    """
    hold_placement(placement)
    if not placement.goes_on:
        raise Refused("This placement has ended, so there is nothing to agree any more.")
    versions = versions_of(placement)
    if versions and versions[0].state in OPEN:
        return versions[0]
    return _next_version(placement, versions[0] if versions else None, actor=actor, now=now)


def _next_version(placement: Placement, last: Agreement | None, *, actor: Principal, now: datetime) -> Agreement:
    words = last.words if last else prefilled(placement.challenge)
    number = last.number + 1 if last else 1
    agreement = Agreement(placement=placement, number=number, created_at=now, **words)
    db.session.add(agreement)
    if last:
        _set_objectives(agreement, rules.no_more_than_six(last.content.objectives))
        _set_weeks(agreement, last.content.weeks)
    record("begun", agreement, actor=actor, now=now, person_id=placement.enrolment.person_id)
    return agreement


def _set_objectives(agreement: Agreement, texts: Sequence[str]) -> None:
    """Write them over those that there are: a row that goes and one that comes in its place would meet."""
    for row, text in zip(agreement.objectives, texts, strict=False):
        row.text = text
    del agreement.objectives[len(texts) :]
    first = len(agreement.objectives)
    agreement.objectives += [Objective(position=first + nth, text=text) for nth, text in enumerate(texts[first:], 1)]


def _set_weeks(agreement: Agreement, planned: Mapping[date, int]) -> None:
    known = {row.monday: row for row in agreement.weeks}
    for row in known.values():
        row.minutes = planned.get(row.monday, row.minutes)
    kept = [row for monday, row in known.items() if monday in planned]
    new = [PlannedWeek(monday=monday, minutes=planned[monday]) for monday in planned if monday not in known]
    agreement.weeks = [*kept, *new]


def save_draft(
    agreement: Agreement,
    words: Mapping[str, str],
    objectives: Sequence[str],
    *,
    seen: int | None,
    actor: Principal,
    now: datetime,
) -> None:
    """Keep what the student has written so far. `seen`: the edit_version that they wrote over.

    Raises Conflict where somebody saved other words meanwhile, Refused where it is no draft any more.
    """
    hold(agreement)
    AGREEMENT.move(agreement, "edit")
    if (dict(words), tuple(objectives)) == (agreement.words, agreement.content.objectives):
        return
    if seen != agreement.edit_version:
        raise Conflict(
            f"{CHANGED} Your words are below, and what is saved stands under them. Save again to keep yours."
        )
    for name, text in words.items():
        setattr(agreement, name, text)
    _set_objectives(agreement, objectives)
    _saved(agreement, actor=actor, now=now)


def save_weeks(
    agreement: Agreement, planned: Mapping[date, int], *, seen: int | None, actor: Principal, now: datetime
) -> None:
    """Keep the student's minutes by week. `seen`: the edit_version that they planned beside.

    Raises Refused where the sum or a week cannot be agreed, or where it is no draft any more, Conflict where somebody
    saved something else meanwhile.
    """
    hold(agreement)
    AGREEMENT.move(agreement, "edit")
    if dict(planned) == agreement.content.weeks:
        return
    if seen != agreement.edit_version:
        raise Conflict(f"{CHANGED} Your hours are below. Save again to keep them.")
    problem = problem_with_weeks(agreement, planned)
    if problem:
        raise Refused(problem)
    _set_weeks(agreement, planned)
    _saved(agreement, actor=actor, now=now)


def problem_with_weeks(agreement: Agreement, planned: Mapping[date, int]) -> str | None:
    """Why these hours cannot be agreed, as a sentence; None where they can."""
    run = agreement.placement.enrolment.run
    dates = dates_of(agreement.placement, agreement)
    return weeks.plan_problem(planned, *dates, run.minutes_minimum, run.minutes_ceiling)


def _saved(agreement: Agreement, *, actor: Principal, now: datetime) -> None:
    agreement.edit_version += 1
    agreement.saved_at = now
    if agreement.edit_version == 2:  # once a version, not once a save
        record("written on", agreement, actor=actor, now=now, person_id=agreement.placement.enrolment.person_id)


def comment(agreement: Agreement, text: str, form_key: str, *, actor: Principal, now: datetime) -> None:
    """Say something about the version; the student is told, or, where the student says it, the tutor."""
    AGREEMENT.move(agreement, "comment")
    _add_comment(agreement, text, form_key, actor=actor, now=now)
    placement = agreement.placement
    student = placement.enrolment.person_id
    told = [placement.tutor_id] if actor.person_id == student else [student]
    tell(notices.COMMENTED, agreement.id, [key for key in told if key is not None], now)


def _add_comment(agreement: Agreement, text: str, form_key: str, *, actor: Principal, now: datetime) -> None:
    row = {"form_key": form_key or new_public_id(), "agreement_id": agreement.id, "author_id": actor.person_id}
    insert_new(AgreementComment, [{**row, "text": text, "at": now}])
    record("commented on", agreement, actor=actor, now=now, person_id=agreement.placement.enrolment.person_id)


def propose(agreement: Agreement, *, seen: int | None, actor: Principal, now: datetime) -> None:
    """Send the version round: facts and hash are fixed, the supervisor gets a link, all three are asked to sign.

    `seen`: the edit_version that was read and checked. Raises Conflict where it is another by now, Refused where a
    part is not written, nobody can sign as the tutor, or one person would sign on two sides.
    """
    hold(agreement)
    if agreement.state is AgreementState.SIGNING:
        return
    if seen != agreement.edit_version:
        raise Conflict(f"{CHANGED} Read it again as it is now, then send it.")
    placement = agreement.placement
    problem = problem_with_signing(agreement)
    if problem:
        raise Refused(problem)
    AGREEMENT.move(agreement, "propose")
    facts = facts_now(placement, agreement)
    agreement.facts, agreement.proposed_at, agreement.format = facts.kept(), now, rules.FORMAT
    agreement.sha256 = rules.digest(agreement.number, facts, agreement.content)
    student = placement.enrolment.person_id
    add_link(SIGN_BY_LINK, agreement.id, placement.supervisor_id, now=now, lasts=LINK_LASTS, version=agreement.sha256)
    record("sent for signing", agreement, actor=actor, now=now, person_id=student)
    tell(notices.PLEASE_SIGN, agreement.id, parties(placement, but=Principal()), now)


def problem_with_signing(agreement: Agreement) -> str | None:
    """Why a draft cannot go out for signing, as a sentence; None where it can."""
    content, placement = agreement.content, agreement.placement
    missing = rules.missing(content)
    if missing:
        titles = ", ".join(f"“{section.title}”" for section in missing)
        return f"Write every part first. Still empty: {titles}."
    problem = problem_with_weeks(agreement, content.weeks)
    if problem:
        return problem
    if placement.tutor_id is None:
        return "Nobody is your tutor yet, so nobody could sign for the university. Ask the module leader to name one."
    if len(parties(placement, but=Principal())) < len(Party):
        return "One person would sign on two sides. Ask your tutor or the module leader to change that first."
    if placement.challenge.organisation_id in sides_of(placement.tutor_id):
        return "Your tutor cannot sign for this organisation. Ask the module leader to name another."
    return None


def take_back(agreement: Agreement, *, actor: Principal, now: datetime) -> Agreement:
    """Take the version out of signing: its signatures are void and kept, whoever was asked is told, a new draft begins.

    Returns the draft. Raises Refused where the version is in force already.
    """
    hold(agreement)
    if not AGREEMENT.move(agreement, "take_back"):
        return start(agreement.placement, actor=actor, now=now)
    return _again(agreement, "taken back", actor=actor, now=now)


def ask_for_changes(agreement: Agreement, text: str, form_key: str, *, actor: Principal, now: datetime) -> None:
    """Supervisor or tutor will not sign it so: it is taken out of signing, and the student is told to read why."""
    hold(agreement)
    if not AGREEMENT.move(agreement, "ask_for_changes"):
        return
    _add_comment(agreement, text, form_key, actor=actor, now=now)
    _again(agreement, "sent back for changes", actor=actor, now=now)
    tell(notices.CHANGES_ASKED, agreement.id, [agreement.placement.enrolment.person_id], now)


def _again(agreement: Agreement, verb: str, *, actor: Principal, now: datetime) -> Agreement:
    placement = agreement.placement
    student = placement.enrolment.person_id
    record(verb, agreement, actor=actor, now=now, person_id=student)
    db.session.flush()  # only one version of a placement may be open
    draft = _next_version(placement, agreement, actor=actor, now=now)
    tell(notices.TAKEN_BACK, agreement.id, parties(placement, but=actor) - {student}, now)
    return draft


def hold(agreement: Agreement) -> None:
    """Read its placement and the version again, in that order, and keep everybody else off both to the end."""
    hold_placement(agreement.placement)
    hold_row(agreement, "state", "edit_version", "sha256")
    db.session.expire(agreement, ["signatures"])  # they may have come while we waited
