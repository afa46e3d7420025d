"""What a placement needs next of whoever reads its page, by when: each party their own."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from placements.agreements.policy import goes_on, is_one_party, signs_for
from placements.agreements.queries import is_out_of_date
from placements.agreements.workflow import AGREEMENT, AgreementState
from placements.confirming.queries import target_of
from placements.confirming.quiet import quiet_about
from placements.confirming.rules import LEADER_TOLD_AFTER, QUIET_AFTER, next_asking
from placements.core.clock import say_date, today
from placements.core.policy import Predicate, Principal
from placements.feedback.rules import Occasion
from placements.feedback.workflow import FeedbackState
from placements.home.clearance_steps import own_steps
from placements.home.feedback_steps import giving, reading
from placements.home.placement import Story
from placements.home.steps import Step, end_of, most_urgent
from placements.home.students import work_steps
from placements.logbook.policy import supervises
from placements.logbook.rules import SILENT_DAYS
from placements.logbook.silence import silent_days
from placements.logbook.workflow import EntryState
from placements.placing.models import Placement
from placements.placing.policy import is_student, leads, may_manage
from placements.placing.rules import told_at
from placements.placing.workflow import BEGUN, NOT_BEGUN, PlacementState
from placements.web.filters import say_hours

ASKED_WITHIN = timedelta(days=SILENT_DAYS[1] + 2)  # of the last visit: two days to ask a silent student; ours

signs = is_one_party & AGREEMENT.can("sign") & goes_on


def steps(story: Story, who: Principal, now: datetime) -> list[Step]:
    """At most five things that the placement needs of `who`, the most urgent first."""
    parts: tuple[tuple[Predicate, Iterator[Step]], ...] = (
        (is_student, _student(story, who, now)),
        (supervises, _supervisor(story)),
        (may_manage, _team(story, now)),
        (leads, _leader(story)),
    )
    found = [*_signing(story, who, now)]
    for predicate, asked in parts:
        if predicate(who, story.placement, now):
            found += asked
    return most_urgent(found)


def approval_steps(placement: Placement, now: datetime) -> Iterator[Step]:
    """Of the engagement team: an organisation that is not approved on the first day."""
    organisation = placement.challenge.organisation
    if placement.state in NOT_BEGUN and not organisation.is_approved(max(today(now), placement.starts_on)):
        yield Step(
            f"Approve {organisation.name} for the first day",
            "See the organisation",
            "home.organisation",
            {"public_id": organisation.public_id},
            by=told_at(placement.starts_on),
        )


def _address(placement: Placement) -> dict[str, str]:
    return {"public_id": placement.public_id}


def _first_day(placement: Placement) -> datetime | None:
    """By when something is needed before the placement starts; no date once it has begun."""
    return None if placement.state in BEGUN else told_at(placement.starts_on)


def _signing(story: Story, who: Principal, now: datetime) -> Iterator[Step]:
    agreement, placement = story.agreement, story.placement
    if agreement is None or not signs(who, agreement, now) or is_out_of_date(agreement):
        return
    if not any(map(agreement.signature_of, signs_for(who, agreement))):
        yield Step(
            "Sign the Challenge Agreement",
            "Read and sign",
            "agreements.agreement",
            _address(placement),
            by=_first_day(placement),
        )


def _student(story: Story, who: Principal, now: datetime) -> Iterator[Step]:
    placement = story.placement
    what = _to_write(story) if placement.goes_on else None
    if what:
        yield Step(what, "Open it", "agreements.agreement", _address(placement), by=_first_day(placement))
    for entry in story.entries(EntryState.QUERIED):
        yield Step(
            f"Answer a question about your visit on {say_date(entry.on)}",
            "See the question",
            "logbook.entry",
            {"public_id": entry.public_id},
            placement.supervisor.name,
            next_asking(now),
        )
    yield from (reading(each) for each in story.feedback if each.is_unread)
    if placement.state is PlacementState.ACTIVE and story.totals.to_go:
        yield Step(
            "Log your latest visit, so that it is confirmed next",
            "Log a visit",
            "logbook.new_entry",
            _address(placement),
            by=next_asking(now),
        )
    yield from own_steps(who)
    if placement.state is PlacementState.ACTIVE and story.totals.confirmed >= placement.enrolment.run.minutes_target:
        yield from _at_target(placement, "student_choice")
    yield from work_steps(who, now)


def _at_target(placement: Placement, choice: str) -> Iterator[Step]:
    target = target_of(placement.id)
    if target is not None and getattr(target, choice) is None:
        yield Step("Say whether to finish or go on", "Answer", "confirming.finish", _address(placement))


def _to_write(story: Story) -> str | None:
    agreement = story.agreement
    if agreement is None:
        return "Write your Challenge Agreement"
    if agreement.state is AgreementState.DRAFT:
        return "Finish your Challenge Agreement and send it for signing"
    if is_out_of_date(agreement):
        return "Send your Challenge Agreement round again: dates or people have changed"
    return None


def _supervisor(story: Story) -> Iterator[Step]:
    waiting = [each for each in story.entries(EntryState.SUBMITTED) if each.handed_to_id is None]
    student = story.placement.enrolment.person
    if waiting:
        sent_at = min(entry.submitted_at for entry in waiting if entry.submitted_at)
        yield Step(
            f"Confirm {say_hours(sum(entry.minutes for entry in waiting))} of {student.name}",
            "See the visits",
            "confirming.confirm",
            by=next_asking(next_asking(sent_at)),  # when they are asked the second time
        )
    for feedback in story.feedback[-1:]:  # the final one takes the interim's place, and so does the end
        is_wanted = feedback.occasion is Occasion.FINAL or story.placement.goes_on
        if feedback.state is FeedbackState.REQUESTED and is_wanted:
            yield giving(feedback)
    placement, totals = story.placement, story.totals
    if placement.state is PlacementState.ACTIVE and totals.confirmed >= placement.enrolment.run.minutes_target:
        yield from _at_target(placement, "supervisor_choice")


def _team(story: Story, now: datetime) -> Iterator[Step]:
    placement, totals = story.placement, story.totals
    yield from _to_telephone(story, now)
    if placement.state is not PlacementState.ACTIVE:
        return
    last_moment = end_of(placement.ends_on)
    if totals.confirmed >= placement.enrolment.run.minutes_target:
        yield Step(
            f"{say_hours(totals.confirmed)} are confirmed: complete the placement",
            "Complete it",
            "confirming.complete",
            _address(placement),
            by=last_moment,
        )
    elif placement.ends_on < today(now):
        yield Step(
            f"The last day has passed with {say_hours(totals.confirmed)} confirmed: decide how it ends",
            "Read the log",
            "reading.read",
            _address(placement),
            by=last_moment,
        )
    elif silent_days({placement.id: story.last_on}, now).get(placement.id, 0) >= SILENT_DAYS[1]:
        yield Step(
            f"Ask {placement.enrolment.person.name} how it goes: the log is silent",
            "Read the log",
            "reading.read",
            _address(placement),
            by=end_of((story.last_on or placement.starts_on) + ASKED_WITHIN),
        )


def _to_telephone(story: Story, now: datetime) -> Iterator[Step]:
    since = quiet_about(story.placement.id, now) if story.entries(EntryState.SUBMITTED) else None
    if since is not None:
        yield Step(
            "Hours wait, and our mails about them are not answered: telephone",
            "See whom",
            "confirming.to_telephone",
            by=since + QUIET_AFTER + LEADER_TOLD_AFTER,
        )


def _leader(story: Story) -> Iterator[Step]:
    placement = story.placement
    if placement.goes_on and placement.tutor_id is None:
        yield Step(
            "Name a tutor", "Choose a tutor", "placing.change_tutor", _address(placement), by=_first_day(placement)
        )
