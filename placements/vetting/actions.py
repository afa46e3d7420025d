"""Verbs on checks: the organisation answers, we verify, approval follows; renewing, and the risk of a place."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from placements.core.clock import in_london, say_date, today
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.files.actions import Received, keep
from placements.history.actions import record
from placements.mail.actions import tell
from placements.partners.actions import say_it_goes_on, site_moved
from placements.partners.models import Organisation, Site
from placements.partners.queries import keepers, main_contacts
from placements.partners.workflow import ORGANISATION, OrganisationState
from placements.vetting import notices, queries, rules
from placements.vetting.models import Check, Evidence, SiteRisk
from placements.vetting.notices import SENT_AT
from placements.vetting.queries import Question
from placements.vetting.rules import Answer, CheckKind, Risk, Standing
from placements.vetting.workflow import CHECK, CheckState

FINDINGS = {  # how a check can be found → the verb that says so
    Standing.PASSED: "pass",
    Standing.CONDITIONAL: "pass_on_condition",
    Standing.FAILED: "fail",
}
SAID = {
    Standing.PASSED: "check passed",
    Standing.CONDITIONAL: "check passed on condition",
    Standing.FAILED: "check not passed",
}


def _hold(organisation: Organisation) -> None:
    """Nobody else changes its checks or its approval until this transaction ends. Refused once it is over."""
    hold_row(organisation, "state", "approved_until", "owner_id")
    ORGANISATION.move(organisation, "edit")


def answer(
    question: Question,
    *,
    answer: Answer,
    words: str,
    paper_until: date | None,
    files: Sequence[Received],
    actor: Principal,
    now: datetime,
) -> Check:
    """Answer one question, or answer it anew, which reopens that check alone; we are told the next morning.

    What was passed holds on meanwhile where a paper stands for it. Whoever does not work there answers for the
    organisation, and it is recorded so. The same answer twice is one. Refused where something is missing.
    """
    organisation, day = question.organisation, today(now)
    _hold(organisation)
    check = _check_held(question)
    paper_until = paper_until if question.asked.ends_with_paper and answer is Answer.PAPER else None
    known = {each.file.sha256 for each in check.evidence} if check else set()
    new = list({each.sha256: each for each in files if each.sha256 not in known}.values())
    found = rules.lacks(
        question.asked,
        answer,
        words,
        paper_until,
        has_file=bool(new) or (bool(known) and check is not None and check.paper_until == paper_until),
        is_registered=question.is_registered,
        day=day,
    )
    if found:
        raise Refused(found[1], found[0])
    if check is None:
        check = Check(organisation=organisation, site=question.site, kind=question.kind, state=CheckState.ANSWERED)
        db.session.add(check)
    elif not new and (check.answer, check.words, check.paper_until) == (answer, words, paper_until):
        if check.state is CheckState.ANSWERED:
            return check
    elif not rules.goes_on_holding((check.answer, check.words), (answer, words)):
        check.valid_until = None
    CHECK.move(check, "answer")
    check.answer, check.words, check.paper_until = answer, words, paper_until
    if paper_until and check.valid_until:
        check.valid_until = min(check.valid_until, paper_until)
    check.answered_at, check.answered_by_id = now, _key(actor)
    for each in new:
        check.evidence.append(Evidence(file=keep(each, actor=actor, now=now), added_at=now))
    _keep_in_step(check, now)
    _record("check answered" if actor.has("contact", organisation.id) else "check answered for them", check, actor, now)
    tell(notices.ANSWERS_WAIT, organisation.id, keepers(organisation), _next_morning(now))
    return check


def _key(actor: Principal) -> int:
    assert actor.person_id is not None
    return actor.person_id


def _check_held(question: Question) -> Check | None:
    """The row as it is now: somebody may have answered since it was read."""
    return db.session.scalar(queries.answers_to(question).execution_options(populate_existing=True))


def verify(
    check: Check,
    finding: Standing,
    *,
    until: date | None,
    words: str,
    seen: datetime | None,
    actor: Principal,
    now: datetime,
) -> None:
    """Say what we found: passed, or on condition, until a last day; or not passed, which takes approval away at once.

    The organisation hears of it within the hour, of all findings in one mail. Refused without the words that it is to
    read, for a last day past, too far off or beyond its certificate's; Conflict where `seen` is not the last answer.
    """
    organisation = check.organisation
    _hold(organisation)
    hold_row(check)
    if check.answered_at != seen:
        raise Conflict("They have changed their answer since you opened this page. Read it again, then decide.")
    if finding is not Standing.PASSED and not words:
        raise Refused("Write what they have to do", "words")
    last = None if finding is Standing.FAILED else _last_day(check, until, today(now))
    if (check.state.value, check.valid_until, check.finding) == (finding.value, last, words):
        return
    CHECK.move(check, FINDINGS[finding])
    check.valid_until, check.finding = last, words
    check.verified_at, check.verified_by_id, check.renewed_at = now, actor.person_id, None
    _keep_in_step(check, now)
    _record(SAID[finding], check, actor, now)
    _tell_findings(organisation, now)


@site_moved.connect
def check_anew(site: Site, *, was: str, actor: Principal, now: datetime) -> None:
    """Let what was found at a place end, which has moved from where it `was`: its people are asked to answer again."""
    check = _check_held(Question(site.organisation, CheckKind.HEALTH_AND_SAFETY, site))
    if check is not None:
        here = f"It is now at {site.address}, {site.postcode}, and was checked at {was}."
        words, seen = f"{here} Answer again for where it is now.", check.answered_at
        verify(check, Standing.FAILED, until=None, words=words, seen=seen, actor=actor, now=now)


def _last_day(check: Check, until: date | None, day: date) -> date:
    asked = queries.question_asked_by(check).asked
    longest = rules.years_later(day, rules.LOOKED_AT_EVERY)
    if until is None or until < day:
        raise Refused("Enter a last day that has not passed", "until")
    if until > longest:
        raise Refused(f"Enter a day by {say_date(longest)}: after that one of us looks at it again", "until")
    if asked.ends_with_paper and check.answer is Answer.PAPER and check.paper_until and until > check.paper_until:
        raise Refused(f"The certificate ends on {say_date(check.paper_until)}. Enter a day by then", "until")
    return until


def _keep_in_step(check: Check, now: datetime) -> None:
    """Approval, and whether the place is cleared, follow from the checks."""
    db.session.flush()
    site = check.site
    if site is None:
        keep_approval_in_step(check.organisation, now)
    elif check.valid_until or site.cleared_until:
        site.cleared_until = rules.kept_until([check.valid_until], site.cleared_until, today(now))


def keep_approval_in_step(organisation: Organisation, now: datetime) -> None:
    """Let approval end, where there is one, with the first of the five checks to run out."""
    if organisation.state is OrganisationState.APPROVED:
        days = queries.last_days(organisation.id)
        organisation.approved_until = rules.kept_until(days, organisation.approved_until, today(now))


def approve(organisation: Organisation, *, actor: Principal, now: datetime) -> None:
    """Let its challenges be published, for as long as its five checks hold; who approves looks after it if nobody does.

    Its main contacts are told, at once where it was paused. Refused, saying which, while one of them does not hold.
    """
    _hold(organisation)
    missing = queries.lacking(queries.questions_of(organisation), today(now))
    if missing:
        raise Refused(f"It cannot be approved yet. Still to pass: {', '.join(each.asked.title for each in missing)}.")
    tell_them = say_it_goes_on if organisation.state is OrganisationState.PAUSED else _tell_findings
    if ORGANISATION.move(organisation, "approve"):
        days = queries.last_days(organisation.id)
        organisation.approved_until = rules.kept_until(days, None, today(now))
        organisation.owner_id = organisation.owner_id or actor.person_id
        record(f"approved until {say_date(organisation.approved_until)}", organisation, actor=actor, now=now)
        tell_them(organisation, now)


def _tell_findings(organisation: Organisation, now: datetime) -> None:
    """At the next full hour, so that all that is decided by then is one mail."""
    on_the_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    tell(notices.FINDINGS, organisation.id, main_contacts(organisation.id), on_the_hour)


def _next_morning(now: datetime) -> datetime:
    this_morning = in_london(today(now), SENT_AT)
    return this_morning if now <= this_morning else in_london(today(now) + timedelta(days=1), SENT_AT)


def renew(check: Check, *, actor: Principal, now: datetime) -> None:
    """Take the organisation's word that its answer is still true: it holds one period longer.

    Refused before its last month, once one of us has to look at it again, and where a new certificate is needed.
    """
    _hold(check.organisation)
    hold_row(check)
    CHECK.move(check, "renew")
    question = queries.question_asked_by(check)
    until = question.renewal(today(now))
    if until is None:
        if check.renewed_at is not None and not question.runs_out_soon(today(now)):
            return  # pressed twice
        raise Refused(f"{question.asked.title} cannot be renewed like this now. Answer it again instead.")
    check.valid_until, check.renewed_at = until, now
    _keep_in_step(check, now)
    _record("said to be still true", check, actor, now)


def _record(verb: str, check: Check, actor: Principal, now: datetime) -> None:
    title = queries.question_asked_by(check).asked.title
    said = f"{title} ({check.site.name})" if check.site else title
    record(verb, check.organisation, actor=actor, now=now, reason=said)


def assess(site: Site, facts: Mapping[str, Any], *, actor: Principal, now: datetime) -> SiteRisk:
    """Set down the risk of a place, what is done about it and what is left. Refused where more is left than said."""
    _hold(site.organisation)
    parts, left = [facts[name] for name in rules.FACTORS], facts["residual"]
    if left is None:
        usual = rules.residual_suggested(parts, facts["actions"])
        raise Refused(f"Choose what is left. With these answers it is usually {usual}", "residual")
    if left is not Risk.LOW and not facts["actions"]:
        raise Refused("Write what is done about it", "actions")
    if rules.worst([left, *parts]) is not rules.worst(parts):
        raise Refused("What is left cannot be worse than each of its parts", "residual")
    risk = queries.risk_of(site) or SiteRisk(site=site)
    db.session.add(risk)
    for name, value in facts.items():
        setattr(risk, name, value)
    risk.assessed_at, risk.assessed_by_id = now, _key(actor)
    record("risk of a place assessed", site.organisation, actor=actor, now=now, reason=site.name)
    return risk
