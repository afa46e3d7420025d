"""How the case goes on: what was asked for and handed in, what it was judged by whom, and what the board made of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from placements.assessment.models import HandIn, Mark, MarkVersion, Submission, SubmissionFile
from placements.board.models import BoardDecision, BoardMeeting, Correction, Withholding
from placements.cases.chapters import plainly, to_the_second, when
from placements.cases.judging import Judged
from placements.cases.rules import Part, Section, Table
from placements.cohorts.models import ComponentKind, ModuleRun
from placements.core.clock import say_date
from placements.double_marking.models import SecondMark, Settlement
from placements.extensions.models import Extension
from placements.extensions.rules import Cause
from placements.moderation.models import ModeratedMark
from placements.moderation.workflow import Outcome
from placements.people.models import Person
from placements.reassessment.models import Mitigation, Waiver
from placements.scripts.earlier import WHYS

CAUSES = {
    Cause.ADJUSTMENT: "By an adjustment reference",
    Cause.PLACED_LATE: "Placed late",
    Cause.ORGANISATION_LOST: "The organisation was lost",
    Cause.UNIVERSITY: "Something on the university’s side",
}
HANGS = {  # when something is due where everybody has no one day
    ComponentKind.AGREEMENT: "By the student’s own placing",
    ComponentKind.FEEDBACK: "None: asked of the supervisor",
    ComponentKind.PORTFOLIO: "Not set",
}
OUTCOMES = {
    Outcome.STAND: "The marks stand",
    Outcome.ADJUST: "The whole set is to be adjusted",
    Outcome.REMARK: "The set is to be marked again",
}


def ending(judged: Judged, run: ModuleRun) -> list[Section]:
    """The chapters from the work to the board."""
    return [_work(judged, run), _marks(judged), _board(judged)]


def attempt_of(thing: Submission | Mark) -> str:
    """“Final Project Portfolio, second attempt”."""
    return f"{thing.component.title}{', second attempt' if thing.attempt != 1 else ''}"


def _name(person: Person | None, nobody: str = "The system") -> str:
    return person.name if person else nobody


def _number(mark: int | None) -> str:
    return "" if mark is None else str(mark)


def _work(judged: Judged, run: ModuleRun) -> Section:
    rows = [
        [each.title, f"{each.weight}%", when(each.due_at) or HANGS[each.kind], plainly(each.marked_by)]
        for each in run.components
    ]
    asked = Part("Asked of everybody", columns=("Component", "Weight", "Deadline", "Marked by"), rows=rows)
    parts = [part for each in judged.submissions for part in _attempt(judged, each)]
    return Section("Work and deadlines", [asked, *parts])


def _attempt(judged: Judged, submission: Submission) -> Iterator[Part]:
    latest = submission.hand_ins[-1] if submission.hand_ins else None
    late = latest.days_late if latest else 0
    is_marked = submission.component.kind is ComponentKind.AGREEMENT
    facts = (
        ("Deadline", when(submission.own_due_at) or "None"),
        ("Of their own", "Yes" if submission.due_at else "No, everybody’s"),
        ("By the placing", when(submission.placed_due_at)),
        ("Put off", when(submission.deferred_at)),
        ("Waived", when(submission.waived_at)),
        ("Stands at", plainly(submission.state)),
        ("Received", to_the_second(submission.received_at)),
        ("Late by", f"{late} day{'' if late == 1 else 's'}, each one begun counting whole" if late else ""),
        ("Receipt", submission.receipt or ""),
        ("Agreement", f"Version {submission.agreement.number} is marked" if is_marked and submission.agreement else ""),
    )
    title = attempt_of(submission)
    yield Part(title, facts)
    if submission.instead:
        task = submission.instead
        given = (("Given", f"{when(task.given_at)}, by {task.given_by.name}"), ("Why", task.reason))
        yield Part(f"{title}: another task instead", given, said=[(task.title, task.brief)])
    yield from _dates(judged, submission, title)
    for number, hand_in in enumerate(submission.hand_ins, 1):
        yield _hand_in(f"{title}: handed in, {number}", hand_in)
    before = [each for each in submission.files if each.hand_in_id is None]
    if before:
        columns = ("File", "Bytes", "SHA-256", "Received")
        yield Part(
            f"{title}: files from before receipts were kept", columns=columns, rows=[_file(each) for each in before]
        )


def _dates(judged: Judged, submission: Submission, title: str) -> Iterator[Part]:
    def mine(rows: Sequence[Any], told: Callable[[Any], list[str]]) -> list[list[str]]:
        return [told(each) for each in rows if each.submission_id == submission.id]

    extensions, claims = mine(judged.extensions, _extension), mine(judged.claims, _claim)
    waivers = mine(judged.waivers, _waiver)
    if extensions:
        columns = ("From", "To", "Cause", "Reference", "Granted", "Ended")
        yield Part(f"{title}: extensions", columns=columns, rows=extensions)
    if claims:
        headings = ("Reference", "Claimed", "Decision", "Decided", "Recorded")
        yield Part(f"{title}: claims of mitigating circumstances", columns=headings, rows=claims)
    if waivers:
        yield Part(f"{title}: waivers", columns=("Reason", "Waived", "Asked for again"), rows=waivers)


def _extension(each: Extension) -> list[str]:
    ended = f"{when(each.ended_at)}, by {each.ended_by.name}. {each.reason}".strip() if each.ended_by else ""
    granted = f"{when(each.granted_at)}, by {each.granted_by.name}"
    return [when(each.due_before), when(each.due_at), CAUSES[each.cause], each.reference, granted, ended]


def _claim(each: Mitigation) -> list[str]:
    decided = say_date(each.decided_on) if each.decided_on else ""
    recorded = f"{when(each.recorded_at)}, by {each.recorded_by.name}"
    return [each.reference, say_date(each.claimed_on), plainly(each.state), decided, recorded]


def _waiver(each: Waiver) -> list[str]:
    return [each.reason, f"{when(each.waived_at)}, by {each.waived_by.name}", when(each.ended_at)]


def _hand_in(title: str, hand_in: HandIn) -> Part:
    facts = (
        ("Receipt", hand_in.receipt),
        ("Received", to_the_second(hand_in.at)),
        ("Deadline then", when(hand_in.due_at)),
        ("Text", f"SHA-256 {hand_in.text_sha256}" if hand_in.text else ""),
        ("Kept beside it", _kept_beside(hand_in)),
    )
    rows = [_file(each) for each in hand_in.files]
    return Part(title, facts, columns=("File", "Bytes", "SHA-256", "Received"), rows=rows)


def _kept_beside(hand_in: HandIn) -> str:
    kept = [f"Agreement, version {each.number}" for each in hand_in.agreements]
    kept += [f"{each.feedback.title}, version {each.number}" for each in hand_in.versions]
    return "; ".join([*kept, *(["the logbook as it stood"] if hand_in.snapshot else [])])


def _file(each: SubmissionFile) -> list[str]:
    received = f"{to_the_second(each.received_at)}{', replaced since' if each.replaced_at else ''}"
    return [each.file.name, str(each.file.size), each.file.sha256, received]


def _marks(judged: Judged) -> Section:
    return Section("Marks", [part for each in judged.marks for part in _mark(judged, each)], "There is no mark.")


def _of(rows: Sequence[Any], mark: Mark) -> list[Any]:
    return [each for each in rows if each.mark_id == mark.id]


def _mark(judged: Judged, mark: Mark) -> Iterator[Part]:
    facts = (
        ("Mark", _number(mark.mark) or "None yet"),
        ("Stands at", plainly(mark.state)),
        ("Marker", _name(mark.marker, "Nobody: a rule, or not yet marked")),
        ("Given to mark", mark.allocated.name if mark.allocated else ""),
        ("Agreed by two", _number(mark.agreed)),
        ("Moderation added", f"{mark.adjustment:+}" if mark.adjustment else ""),
        ("Submitted", when(mark.submitted_at)),
        ("Withheld since", when(mark.withheld_at)),
        ("Released", when(mark.released_at)),
        ("Confirmed", when(mark.confirmed_at)),
        ("Corrected", when(mark.corrected_at)),
    )
    title = attempt_of(mark)
    yield _scored(title, facts, mark.feedback, mark.scores)
    for version in _of(judged.versions, mark):
        yield _version(version, mark)
    for second in _of(judged.seconds, mark):
        yield _second(second, mark, title)
    if settlements := _of(judged.settlements, mark):
        columns = ("How", "Mark", "Proposed", "Reason", "Became", "Answered")
        yield Part(f"{title}: one mark of two", columns=columns, rows=[_settlement(each) for each in settlements])
    for moderated in _of(judged.moderated, mark):
        yield _moderated(moderated, title)
    for withholding in _of(judged.withholdings, mark):
        yield _withholding(withholding, title)


def _scored(title: str, facts: Any, feedback: str, scores: Sequence[Any]) -> Part:
    rows = [[each.criterion.title, _number(each.score), each.comment] for each in scores]
    columns = ("Criterion", "Score", "Comment")
    return Part(title, facts, said=[("Feedback", feedback)], columns=columns, rows=rows)


def _version(version: MarkVersion, mark: Mark) -> Part:
    titles = {each.position: each.title for each in mark.component.criteria}
    facts = (
        ("Kept because", f"{WHYS[version.why]}, {when(version.at)}, by {_name(version.by)}"),
        ("Marker", _name(version.marker, "Nobody")),
        ("Mark", _number(version.mark)),
    )
    rows = [[titles.get(position, str(position)), _number(score), said] for position, score, said in version.scores]
    title = f"{attempt_of(mark)}: version {version.version}"
    said = [("Feedback", version.feedback)]
    return Part(title, facts, said=said, columns=("Criterion", "Score", "Comment"), rows=rows)


def _second(second: SecondMark, mark: Mark, title: str) -> Part:
    facts = (
        ("Marker", second.marker.name),
        ("Given to them", when(second.allotted_at)),
        ("Stands at", plainly(second.state)),
        ("Submitted", when(second.submitted_at)),
    )
    title = f"{title}: {second.role} marker"
    if not _is_compared(mark):
        return Part(title, facts, after="What they made of it is nobody’s to read before both marks are in.")
    return _scored(title, (*facts, ("Mark", _number(second.given))), second.feedback, second.scores)


def _is_compared(mark: Mark) -> bool:
    """Before that, its leader reads no second mark either."""
    return mark.fixed_at is not None


def _settlement(each: Settlement) -> list[str]:
    proposed = f"{when(each.proposed_at)}, by {_name(each.proposed_by, 'rule')}"
    answered = f"{when(each.answered_at)}, by {_name(each.answered_by)}. {each.answer}" if each.answered_at else ""
    return [plainly(each.how), str(each.given), proposed, each.reason, plainly(each.state), answered.strip()]


def _moderated(each: ModeratedMark, title: str) -> Part:
    moderation = each.moderation
    agrees = {True: "Agrees", False: "Does not agree", None: ""}[each.agrees]
    facts = (
        ("Moderator", moderation.moderator.name),
        ("Drawn", when(moderation.drawn_at)),
        ("Rule", moderation.rule),
        ("Mark then", str(each.given)),
        ("In the sample", f"Yes: {plainly(each.why).lower()}" if each.why else "No"),
        ("Of this mark", f"{agrees}, {when(each.noted_at)}" if agrees else ""),
        ("Of the set", OUTCOMES[moderation.outcome] if moderation.outcome else ""),
        ("Closed", when(moderation.closed_at)),
    )
    concerned = [made for made in moderation.adjustments if made.marker_id in (None, each.marker_id)]
    rows = [[f"{made.points:+}", made.reason, f"{when(made.at)}, by {made.by.name}"] for made in concerned]
    columns = ("Points for the set", "Reason", "Made")
    return Part(
        f"{title}: moderation {moderation.number}", facts, said=[("Note", each.comment)], columns=columns, rows=rows
    )


def _withholding(each: Withholding, title: str) -> Part:
    facts = (
        ("Withheld", f"{when(each.at)}, by {each.by.name}"),
        ("Because", each.reason),
        ("Ended", f"{when(each.ended_at)}, by {each.ended_by.name}" if each.ended_by else ""),
        ("Because then", each.end_reason or ""),
    )
    return Part(f"{title}: withheld", facts)


def _board(judged: Judged) -> Section:
    titles = {each.id: attempt_of(each) for each in judged.marks}
    parts = []
    released = [[attempt_of(each), when(each.released_at)] for each in judged.marks if each.released_at]
    if released:
        parts.append(Part("Released to the student", columns=("Mark", "When"), rows=released))
    if judged.decisions:
        rows = [_decision(titles, *each) for each in judged.decisions]
        headings = ("Mark", "Confirmed as", "Board of", "Chair", "Written down")
        parts.append(Part("Confirmed by a board", columns=headings, rows=rows))
    if judged.corrections:
        columns = ("Mark", "From", "To", "Reason", "Asked for", "Became")
        rows = [_correction(titles, each) for each in judged.corrections]
        parts.append(Part("Corrections after the board", columns=columns, rows=rows))
    return Section("Release and board", parts, "No mark is released yet.")


def _decision(titles: dict[int, str], decision: BoardDecision, meeting: BoardMeeting) -> list[str]:
    written = when(meeting.recorded_at)
    return [titles[decision.mark_id], str(decision.mark), say_date(meeting.met_on), meeting.chair, written]


def _correction(titles: dict[int, str], each: Correction) -> list[str]:
    became = (
        f"{plainly(each.state)}, {when(each.decided_at)}, by {each.decided_by.name}" if each.decided_by else "Waits"
    )
    asked = f"{when(each.asked_at)}, by {each.asked_by.name}"
    said = f"{became}. {each.answer}" if each.answer else became
    return [titles[each.mark_id], str(each.from_mark), str(each.to_mark), each.reason, asked, said]


def marks_table(judged: Judged) -> Table:
    """Every mark of everybody, each version, a row for each criterion and one for the whole."""
    rows: list[list[object]] = []
    for mark in judged.marks:
        for version in _of(judged.versions, mark):
            by = _name(version.marker, "Nobody")
            said = [attempt_of(mark), f"Version {version.version}, {WHYS[version.why].lower()}", by, _iso(version.at)]
            titles = {each.position: each.title for each in mark.component.criteria}
            scores = [(titles.get(at, str(at)), score, words) for at, score, words in version.scores]
            rows += _lines(said, version.mark, version.feedback, scores)
        now = [attempt_of(mark), f"Now, {plainly(mark.state).lower()}", _name(mark.marker, "Nobody"), ""]
        rows += _lines(now, mark.mark, mark.feedback, _plain(mark.scores))
        for second in _of(judged.seconds, mark) if _is_compared(mark) else ():
            said = [attempt_of(mark), f"{plainly(second.role)} marker", second.marker.name, _iso(second.submitted_at)]
            rows += _lines(said, second.given, second.feedback, _plain(second.scores))
    return Table("marks", ("Work", "What", "Marker", "When", "Criterion", "Mark", "Words"), rows)


def _plain(scores: Sequence[Any]) -> list[tuple[str, int | None, str]]:
    return [(each.criterion.title, each.score, each.comment) for each in scores]


def _lines(said: list[str], mark: int | None, feedback: str, scores: Sequence[tuple[str, int | None, str]]) -> Any:
    yield [*said, "The whole", mark, feedback]
    yield from ([*said, title, score, words] for title, score, words in scores)


def _iso(at: Any) -> str:
    return at.isoformat() if at else ""
