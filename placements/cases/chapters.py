"""How the case begins: who the student is, the places they had, their Agreements, visits, feedback and concerns."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from placements.agreements.models import PARTIES, Agreement
from placements.agreements.rules import PARTS
from placements.agreements.weeks import say_hours
from placements.agreements.workflow import AgreementState
from placements.cases.reading import Placed
from placements.cases.rules import Part, Section, Table
from placements.challenges.models import Challenge
from placements.concerns.models import Concern
from placements.core.clock import london, say_date, say_time, say_when
from placements.feedback.models import Feedback, FeedbackVersion
from placements.logbook.ledger import WHY_NOT, Line
from placements.logbook.models import Entry
from placements.offers.models import Clearing, Offer
from placements.placing.models import ENDED_BY, Placement
from placements.placing.workflow import NOT_BEGUN, PlacementState
from placements.reading.models import LogbookGrade

AGREED = {
    AgreementState.DRAFT: "Being written",
    AgreementState.SIGNING: "Out for signature",
    AgreementState.IN_FORCE: "In force",
    AgreementState.SUPERSEDED: "Replaced by a later version",
    AgreementState.TAKEN_BACK: "Taken back: its signatures are void",
}
CHECKED = {True: "To be settled before it begins", False: "Settled"}


def plainly(state: str) -> str:
    """A state as people read it: “Not submitted”."""
    return state.replace("_", " ").capitalize()


def when(at: datetime | None) -> str:
    """An instant as people say it; empty for none."""
    return say_when(at) if at else ""


def to_the_second(at: datetime | None) -> str:
    """“Tue 20 Oct 2026, 14:59:58”, in London; empty for none."""
    return f"{say_date(london(at).date())}, {london(at):%H:%M:%S}" if at else ""


def beginning(placed: Placed) -> list[Section]:
    """The chapters up to the concerns, of which there is one only where there is something in it."""
    sections = [_student(placed), _places(placed), _agreements(placed), _visits(placed), _feedback(placed)]
    return [*sections, _concerns(placed.concerns)] if placed.concerns else sections


def _student(placed: Placed) -> Section:
    enrolment, run = placed.enrolment, placed.run
    facts = (
        ("Student", enrolment.person.name),
        ("Student number", enrolment.person.student_number or "Not known"),
        ("Course", f"{enrolment.course_code} {enrolment.course_title}"),
        ("Mode", enrolment.mode),
        ("Module", f"{run.title}, level {run.level}, {run.period}"),
        ("Group", f"{enrolment.group.name} ({enrolment.group.occurrence})"),
        ("Tutor of the group", enrolment.group.tutor.name if enrolment.group.tutor else "None"),
        ("Module leaders", ", ".join(each.name for each in placed.leaders)),
        ("Enrolled", when(enrolment.created_at)),
        ("Stands now", plainly(enrolment.state)),
        ("Hours asked for", f"{say_hours(run.minutes_target)}, at least {say_hours(run.minutes_minimum)}"),
    )
    return Section("The student and the module", [Part(facts=facts)])


def _places(placed: Placed) -> Section:
    parts = []
    if placed.offers:
        columns = ("Offered", "Challenge", "Answer by", "Became", "Answered", "Reason given")
        rows = [_offer(each) for each in placed.offers]
        parts.append(Part("Offers", columns=columns, rows=rows))
    if placed.clearings:
        headings = ("Without a place from", "Because", "Seen to by", "Until", "Agreed instead")
        rows = [_clearing(each) for each in placed.clearings]
        parts.append(Part("On the clearing list", columns=headings, rows=rows))
    parts += [_placement(each) for each in placed.placements]
    return Section("Places", parts, "No place was offered.")


def _offer(offer: Offer) -> list[str]:
    made = f"{when(offer.made_at)}{f', by {offer.made_by.name}' if offer.made_by else ''}"
    reasons = "; ".join(each for each in (offer.why_made, offer.reason) if each)
    return [
        made,
        _called(offer.challenge),
        when(offer.deadline_at),
        plainly(offer.state),
        when(offer.answered_at),
        reasons,
    ]


def _clearing(each: Clearing) -> list[str]:
    until = when(each.closed_at) or "Now"
    return [when(each.opened_at), plainly(each.why), each.owner.name, until, each.outcome or ""]


def _called(challenge: Challenge) -> str:
    return f"{challenge.title}, {challenge.organisation.name}"


def _placement(placement: Placement) -> Part:
    did_not_begin = placement.state is PlacementState.NOT_STARTED
    ended = ENDED_BY[placement.ended_by] if placement.ended_by else ""
    facts = (
        ("Organisation", placement.challenge.organisation.name),
        ("Where", placement.site.name if placement.site else "Remote"),
        ("Supervisor", placement.supervisor.name),
        ("Tutor", placement.tutor.name if placement.tutor else "None"),
        ("Made", when(placement.created_at)),
        ("Dates", f"{say_date(placement.starts_on)} to {say_date(placement.ends_on)}"),
        ("Hours agreed", say_hours(placement.minutes_agreed)),
        ("Stands now", plainly(placement.state)),
        ("Checks by us", "It did not begin" if did_not_begin else CHECKED[placement.state in NOT_BEGUN]),
        ("First in force", when(placement.agreed_at)),
        ("Last day", say_date(placement.ended_on) if placement.ended_on else ""),
        ("Ended by", ended),
        ("Reason", placement.ended_reason or ""),
    )
    rows = [[when(each.from_at), when(each.until_at) or "Not ended"] for each in placement.pauses]
    return Part(f"Placement: {placement.challenge.title}", facts, columns=("Paused from", "Until"), rows=rows)


def _agreements(placed: Placed) -> Section:
    parts = [
        _agreement(placed, placement, each)
        for placement in placed.placements
        for each in placed.agreements_of(placement)
    ]
    return Section("Challenge Agreements", parts, "None was written.")


def _agreement(placed: Placed, placement: Placement, agreement: Agreement) -> Part:
    is_shared = placement.id in placed.in_groups
    has_copy = agreement.id in placed.copies
    facts = (
        ("Stands now", AGREED[agreement.state]),
        ("Begun", when(agreement.created_at)),
        ("Sent for signature", when(agreement.proposed_at)),
        ("In force from", when(agreement.in_force_at)),
        ("SHA-256", agreement.sha256 or ""),
        ("Of a group", "Yes: this is the student’s own part, and the others’ are not told" if is_shared else ""),
        ("As a PDF", "With this file" if has_copy else ""),
    )
    rows = [
        [PARTIES[each.party], each.typed_name, when(each.at), _carried(each.carried_from)]
        for each in agreement.signatures
    ]
    content = agreement.content
    said = [] if has_copy else [(part.title, content.said(part.name)) for part in PARTS]
    columns = ("Party", "Signed as", "When", "Carried over")
    title = f"Version {agreement.number}: {placement.challenge.title}"
    return Part(title, facts, said=said, columns=columns, rows=rows)


def _carried(signature: object) -> str:
    agreement = getattr(signature, "agreement", None)
    return f"From version {agreement.number}" if agreement is not None else ""


def _visits(placed: Placed) -> Section:
    if not placed.placements:
        return Section("Visits and hours", [], "There was no placement.")
    parts = [Part("Hours", _totals(placed))]
    lines = {line.entry: line for line in placed.ledger.lines} if placed.ledger else {}
    for placement in placed.placements:
        visits = [_visit(each, lines.get(each.id)) for each in placed.entries_of(placement)]
        columns = ("Day", "Times", "Logged", "Counts", "Stands at", "Said by whom, when and how")
        title = f"Visits: {placement.challenge.title}"
        parts.append(Part(title, columns=columns, rows=visits, after="" if visits else "No visit was sent."))
    if placed.planned:
        rows = [[each.said, plainly(each.state)] for each in placed.planned]
        parts.append(Part("Days planned", columns=("Day", "Stands at"), rows=rows))
    parts += [_grade(each) for each in placed.grades]
    return Section("Visits and hours", parts)


def _totals(placed: Placed) -> list[tuple[str, str]]:
    in_force = [each for each in placed.agreements if each.state is AgreementState.IN_FORCE]
    planned = sum(week.minutes for each in in_force for week in each.weeks)
    assert placed.ledger is not None
    totals = placed.ledger.totals
    return [
        ("Planned", f"{say_hours(planned)} by the Agreements in force"),
        ("Logged", say_hours(sum(each.minutes for each in placed.entries))),
        ("Confirmed", say_hours(totals.confirmed)),
        ("Waiting", say_hours(totals.waiting)),
        ("Queried", say_hours(totals.queried)),
        ("Not counted", say_hours(totals.not_counted)),
        ("Still to go", say_hours(totals.to_go)),
    ]


def times_of(entry: Entry) -> str:
    """“1pm to 4:30pm, less 30 minutes”."""
    less = f", less {entry.break_minutes} minutes" if entry.break_minutes else ""
    return f"{say_time(entry.starts)} to {say_time(entry.ends)}{less}"


def told_of(entry: Entry) -> str:
    """What became of a visit, each step with who, when and how."""
    steps = (
        f"{plainly(each.kind)} by {each.by.name}, {when(each.at)}, {each.how}{f': {each.word}' if each.word else ''}"
        for each in entry.events
    )
    return "; ".join(steps)


def _visit(entry: Entry, line: Line | None) -> list[str]:
    counts = say_hours(line.counted) if line else ""
    why = f"{counts}. {WHY_NOT[line.why_not]}" if line and line.why_not else counts
    return [say_date(entry.on), times_of(entry), say_hours(entry.minutes), why, plainly(entry.state), told_of(entry)]


def visits_table(placed: Placed) -> Table:
    """Every visit that was sent, a row each."""
    lines = {line.entry: line for line in placed.ledger.lines} if placed.ledger else {}
    titles = {each.id: _called(each.challenge) for each in placed.placements}
    return Table(
        "visits",
        (
            *("Placement", "Day", "Starts", "Ends", "Break (minutes)", "Logged (minutes)", "Counted (minutes)"),
            *(
                "Not counted (minutes)",
                "Why not",
                "Stands at",
                "What was done",
                "Objective",
                "Evidence",
                "What became of it",
            ),
        ),
        [
            [
                titles[each.placement_id],
                each.on.isoformat(),
                f"{each.starts:%H:%M}",
                f"{each.ends:%H:%M}",
                each.break_minutes,
                each.minutes,
                line.counted if line else None,
                line.not_counted if line else None,
                WHY_NOT[line.why_not] if line and line.why_not else "",
                plainly(each.state),
                each.activity,
                each.objective.text if each.objective else "",
                "; ".join(f"{kept.file.name} (SHA-256 {kept.file.sha256})" for kept in each.current_evidence),
                told_of(each),
            ]
            for each in placed.entries
            for line in [lines.get(each.id)]
        ],
    )


def _grade(grade: LogbookGrade) -> Part:
    rows = [[each.criterion.title, str(each.score), each.comment] for each in grade.scores]
    return Part(
        f"Logbook graded: {grade.checkpoint.title}",
        (("Graded by", grade.grader.name), ("When", when(grade.at))),
        said=[("Comment", grade.comment)],
        columns=("Criterion", "Score", "Comment"),
        rows=rows,
    )


def _feedback(placed: Placed) -> Section:
    parts = [part for each in placed.feedback for part in _of_feedback(each)]
    return Section("The supervisor’s feedback", parts, "None was asked for.")


def _of_feedback(feedback: Feedback) -> Iterable[Part]:
    facts = (
        ("Asked for", f"{when(feedback.asked_at)}, of {feedback.asked.name}"),
        ("Stands at", plainly(feedback.state)),
        ("Student read it", when(feedback.read_at)),
        ("Why not had", feedback.reason or ""),
    )
    yield Part(feedback.title, facts, said=[("The student’s comment", feedback.comment)])
    for each in feedback.versions:
        yield _given(feedback, each)


def _given(feedback: Feedback, version: FeedbackVersion) -> Part:
    how = "by mail link" if version.is_by_link else "signed in"
    return Part(
        f"{feedback.title}, version {version.number}",
        (("Given", f"{when(version.at)}, by {version.given_by.name}, {how}"),),
        said=[("What went well", version.strengths), ("What could be next", version.next_steps)],
        columns=("Objective", "Reached"),
        rows=[[each.objective.text, each.rating.said] for each in version.ratings],
    )


def _concerns(concerns: Sequence[Concern]) -> Section:
    return Section("Concerns", [_concern(each) for each in concerns])


def _concern(concern: Concern) -> Part:
    facts = (
        ("Told", f"{when(concern.raised_at)}, by {concern.reporter.name}"),
        ("Kind", f"{plainly(concern.kind)}, {plainly(concern.severity).lower()}"),
        ("About", concern.about_person.name if concern.about_person else plainly(concern.about)),
        ("Stands at", plainly(concern.state)),
        ("Owner", concern.owner.name if concern.owner else ""),
        ("Taken on", when(concern.owned_at)),
        ("First acted on", when(concern.acted_at)),
        ("Closed", when(concern.closed_at)),
        ("Referred to", concern.referred_to or ""),
    )
    said = [
        ("What was told", concern.words),
        ("What was done by then", concern.done or ""),
        *((f"{note.author.name}, {when(note.at)}", note.text) for note in concern.notes),
        ("What came of it", concern.outcome or ""),
    ]
    return Part(f"Concern of {say_date(london(concern.raised_at).date())}", facts, said=said)
