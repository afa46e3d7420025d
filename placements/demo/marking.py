"""December to July: Agreements and portfolios come in and are marked."""

import io
import random
import tomllib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import FileStorage

from placements.assessment import actions
from placements.assessment.collecting import collect
from placements.assessment.models import Mark, Submission
from placements.assessment.queries import submission_of, task_of
from placements.assessment.rules import Score, band, rubric_mark
from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import Component, ComponentKind, Criterion, Enrolment, MarkedBy
from placements.db import db
from placements.demo import papers
from placements.demo.placed import latest_version, worth_of
from placements.demo.stage import Beat, Season, leader, principal
from placements.files.actions import receive
from placements.marking import actions as marking
from placements.placing.models import Placement
from placements.reading import grading
from placements.reading.queries import checkpoints_of, final_grade, taken_criteria
from placements.scripts.actions import share_out
from placements.scripts.queries import field_of, proposal_of

WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("feedback.toml").read_text(encoding="utf-8"))
STEPS = (22, 28, 32, 35, 38, 42, 45, 48, 52, 55, 58, 62, 65, 68, 72, 75, 78, 82, 85)  # the scores that markers give
PIECES = {ComponentKind.AGREEMENT: "Agreement", ComponentKind.PORTFOLIO: "portfolio"}
SITTINGS = ((12, 11), (12, 18), (1, 8), (2, 5), (3, 5), (5, 7))  # when Agreements are marked
AGAIN = 18  # how much better it is when it is taken again
TOO_NEW = timedelta(days=8)  # what came in so lately waits for the next of them
LATE_AND_EXTENDED, CLAIMED_IN_VAIN, NEVER_COMES, PUT_OFF = 13, 9, 17, 21  # by number
LINES = "The portfolio is in the file. Its appendix holds the leaflet that we made, and the four interviews."
LEARNED = (
    "I came with an answer and left with a better question. Listening first saved us a month on the wrong thing.",
    "I learned to write for people who have four minutes, and to ask them whether it worked. The third version did.",
    "Being useful is slower than being busy. The weeks in which I did least on paper were those in which trust grew.",
    "I used to think that data settles arguments. Here it started the right ones, once it was theirs and not mine.",
)


def chapter(season: Season) -> Iterator[Beat]:
    """Agreements through the winter of both years; the finished year's portfolios in May."""
    for month, day in SITTINGS:
        leaves_some = season.starts == 2026 and month == 2
        yield Beat(season.at(month, day, 9), partial(_share_out, season))
        yield Beat(season.at(month, day, 14), partial(_mark_agreements, season, leaves_some=leaves_some))
    yield Beat(season.at(2, 16, 9), partial(_share_out, season))
    if season.starts == 2025:
        yield from _portfolios(season)


def _portfolios(season: Season) -> Iterator[Beat]:
    """Most hand in on the last days, two a little late, two not at all; then tutors mark for two and a half weeks."""
    deadline = season.at(5, 12, 15)
    for index in range(sum(season.students.values())):
        at = season.around(season.on(5, 5), season.on(5, 11))
        if index % 3 == 1:
            at = deadline - timedelta(minutes=season.chance.randint(3, 300))
        at += timedelta(seconds=season.chance.randint(1, 59))
        if index in (CLAIMED_IN_VAIN, LATE_AND_EXTENDED):
            at = deadline + timedelta(minutes=index - 5, seconds=12)
        if index % 8 == 3 and index not in (LATE_AND_EXTENDED, PUT_OFF):
            yield Beat(at - timedelta(hours=40), partial(_hand_in, season, index, "docx"))
        if index not in (NEVER_COMES, PUT_OFF):
            yield Beat(at, partial(_hand_in, season, index, "pdf"))
        sat_down = season.around(season.on(5, 14), season.on(5, 29))
        yield Beat(sat_down, partial(_mark_next, season))
    yield Beat(deadline + timedelta(minutes=1), collect)
    yield Beat(season.at(6, 1, 9), partial(mark_what_waits, season))


def students(season: Season) -> Sequence[Enrolment]:
    """Everybody enrolled in that year, by number."""
    runs = [run.id for run in season.runs()]
    rows = select(Enrolment).where(Enrolment.run_id.in_(runs)).options(joinedload(Enrolment.person))
    return db.session.scalars(rows.order_by(Enrolment.id)).all()


def _hand_in(season: Season, index: int, ending: str, now: datetime) -> None:
    enrolment = students(season)[index]
    portfolio = next(each for each in enrolment.run.components if each.kind is ComponentKind.PORTFOLIO)
    _submit(enrolment, portfolio, ending, "" if index % 4 else LINES, now)


def hand_in_again(season: Season, index: int, now: datetime) -> None:
    """Whatever that student was put off with, or takes again."""
    enrolment = students(season)[index]
    for component in enrolment.run.components:
        if component.kind in PIECES and _asked_again(enrolment, component):
            _submit(enrolment, component, "pdf", LINES, now)


def _asked_again(enrolment: Enrolment, component: Component) -> bool:
    attempt = submission_of(component.id, enrolment.id)
    return attempt is not None and attempt.state is SubmissionState.OPEN and attempt.is_asked


def _submit(enrolment: Enrolment, component: Component, ending: str, text: str, now: datetime) -> None:
    student = principal(enrolment.person_id)
    task = task_of(student, component.public_id)
    if task is None:
        return
    title, sections = _portfolio(enrolment, is_draft=ending == "docx")
    made = papers.docx(title, sections) if ending == "docx" else papers.pdf(title, sections)
    name = f"{enrolment.person.family_name} portfolio{' draft' if ending == 'docx' else ''}.{ending}"
    file = receive(FileStorage(io.BytesIO(made), filename=name))
    actions.submit(task, [file], text=text, actor=student, now=now)


def _portfolio(enrolment: Enrolment, *, is_draft: bool) -> tuple[str, list[papers.Section]]:
    """The title of a student's portfolio, and what stands in it."""
    person, run = enrolment.person, enrolment.run
    placed = select(Placement).where(Placement.enrolment_id == enrolment.id).order_by(Placement.id.desc())
    placement = db.session.scalars(placed.limit(1)).first()
    about = f"{person.name}, student number {person.student_number}. {run.title}, {enrolment.group.name}."
    if placement is None:
        return "Final project portfolio", [("About this portfolio", about)]
    challenge, agreement = placement.challenge, latest_version(placement)
    learned = LEARNED[enrolment.id % len(LEARNED)]
    return f"{challenge.title}: final project portfolio", [
        ("About this portfolio", f"{about} Placement with {challenge.organisation.name}."),
        ("1. The challenge", challenge.need),
        ("2. What we agreed", agreement.content.said("objectives") if agreement else "What the brief asks for."),
        ("3. What I leave behind", challenge.output),
        ("4. What I learned", "To be written." if is_draft else learned),
    ]


def _waiting(season: Season, kind: ComponentKind) -> Sequence[Mark]:
    runs = [run.id for run in season.runs()]
    found = select(Mark).join(Mark.component).join(Mark.submission).where(Mark.state == MarkState.DRAFTED)
    found = found.where(Component.run_id.in_(runs), Component.kind == kind)
    return db.session.scalars(found.order_by(Submission.received_at, Mark.id)).all()


def _came_in(mark: Mark) -> datetime:
    return mark.submission.received_at or mark.enrolment.created_at


def _share_out(season: Season, now: datetime) -> None:
    """Where the markers share a component, the module leader gives each of them a part of what has come in."""
    for run in season.runs():
        for component in run.components:
            if component.marked_by is MarkedBy.SHARED:
                seen = proposal_of(field_of(component)).seen
                share_out(component, seen=seen, actor=leader(), now=now)


def _mark_agreements(season: Season, now: datetime, *, leaves_some: bool) -> None:
    """The tutors mark what came in a while ago; where they leave some, a third is only begun and a third not yet."""
    found = [each for each in _waiting(season, ComponentKind.AGREEMENT) if _came_in(each) < now - TOO_NEW]
    for place, mark in enumerate(found):
        if not leaves_some or place % 3 < 2:
            _judge(mark, now, begun_only=leaves_some and place % 3 == 1)


def _mark_next(season: Season, now: datetime) -> None:
    """The portfolio that has waited longest, after a draft an hour before."""
    for mark in _waiting(season, ComponentKind.PORTFOLIO)[:1]:
        _judge(mark, now - timedelta(hours=1), begun_only=True)
        _judge(mark, now, begun_only=False)


def mark_what_waits(season: Season, now: datetime) -> None:
    """All that nobody has marked yet."""
    _share_out(season, now)
    for kind in PIECES:
        for mark in _waiting(season, kind):
            _judge(mark, now, begun_only=False)


def _judge(mark: Mark, now: datetime, *, begun_only: bool) -> None:
    tutor = principal(mark.allocated_id or mark.enrolment.group.tutor_id or 0)
    taken = taken_criteria(mark.component, mark.placements)
    final = final_grade(mark.enrolment_id) if taken else None
    better = AGAIN if mark.attempt > 1 else 0
    scores = scores_of(mark, worth_of(mark.enrolment) + better) | (
        {line.criterion: line.score for line in final.scores} if final else {}
    )
    said = {each.id: (score, comment_on(mark, each, score)) for each, score in scores.items()}
    if taken and final is None:
        graded = {each.id: (score, said[each.id][1]) for each, score in scores.items() if each in taken}
        at = next(each for each in checkpoints_of(mark.enrolment.run_id) if each.is_final)
        grading.grade(mark.placements[-1], at, graded, "", version=0, actor=tutor, now=now)
    if begun_only:
        last = max(said)
        half_way = marking.Judgement({**said, last: (None, "")}, "")
        marking.save_draft(mark, half_way, seen=mark.version, actor=tutor, now=now)
    else:
        done = marking.Judgement(said, feedback_on(mark, scores))
        marking.submit_mark(mark, done, seen=mark.version, actor=tutor, now=now)


def scores_of(mark: Mark, worth: float) -> dict[Criterion, int]:
    """What the work deserves: students differ more than what one student does well and less well."""
    student = mark.enrolment.person.student_number
    found = {}
    for each in mark.component.criteria:
        deserved = worth + random.Random(f"{student} {each.id}").gauss(0, 5)  # noqa: S311 - a story, not a secret
        found[each] = min(STEPS, key=lambda step: abs(step - deserved))
    return found


def comment_on(mark: Mark, criterion: Criterion, score: int) -> str:
    """What a marker says of one criterion."""
    words = WORDS[mark.component.kind][criterion.position - 1]
    return _filled(words[str(band(score))], mark)


def feedback_on(mark: Mark, scores: dict[Criterion, int]) -> str:
    """An opening that suits the mark, what is best, and what to do about the weakest part."""
    words = WORDS[mark.component.kind]
    whole = rubric_mark([Score(each.weight, score) for each, score in scores.items()])
    best = max(scores, key=lambda each: scores[each])
    weakest = min(reversed(scores), key=lambda each: scores[each])
    opening = _filled(WORDS["opening"][str(band(whole))], mark)
    called, advice = words[best.position - 1]["called"], words[weakest.position - 1]["next"]
    return f"{opening}\n\nThe strongest part is {called}. To go further, {advice}."


def _filled(sentences: Sequence[str], mark: Mark) -> str:
    organisation = mark.placements[-1].challenge.organisation.name if mark.placements else "the organisation"
    piece, name = PIECES[mark.component.kind], mark.enrolment.person.given_name
    return sentences[mark.id % len(sentences)].format(name=name, organisation=organisation, piece=piece)
