"""Whatever a student does with drafts, files, presses and an extension, in whatever order: what is marked is the last
hand-in that began to arrive by their deadline, or else the last late one; and nothing that was handed in is ever lost.

What is expected is told anew from the list of presses that were received, by the deadline as it is in the end.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from sqlalchemy import select

from placements.assessment.collecting import collect
from placements.assessment.drafts import keep_draft, submit_draft
from placements.assessment.models import HandIn, Mark, Submission
from placements.assessment.workflow import MarkState, SubmissionState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.drafting.actions import held
from placements.drafting.queries import Piece, Typed, draft_of
from placements.extensions.actions import grant
from placements.extensions.planning import Wanted, fingerprint_of, plan
from placements.extensions.rules import Cause
from placements.files.actions import receive
from placements.files.store import store
from tests.assessment.scene import Scene, scene
from tests.factories import NOW
from tests.files.samples import PDF
from tests.files.test_receiving import upload

DUE = NOW + timedelta(hours=6)
STILL_ARRIVING = timedelta(minutes=10)
FILES = {f"Part {n}.pdf": PDF + f"%{n}\n".encode() for n in range(3)}
Content = tuple[str, frozenset[str]]  # the text, and which files


@dataclass
class Story:
    """What happened, as somebody would keep it on paper."""

    due: datetime = DUE
    now: datetime = NOW
    draft: Content = ("", frozenset())
    received: list[tuple[datetime, Content]] = field(default_factory=list)
    is_extended: bool = False

    @property
    def marked(self) -> tuple[datetime, Content] | None:
        in_time = [each for each in self.received if each[0] <= self.due]
        return [*self.received, *in_time][-1] if self.received else None

    def may_press(self) -> bool:
        """Something is there to be handed in, and after the deadline nothing that was on time stands in its way."""
        is_late = self.now > self.due
        return self.draft != ("", frozenset()) and not (is_late and any(at <= self.due for at, _ in self.received))


def types(of: Scene, story: Story, chance: Random) -> None:
    text = f"Words {chance.randrange(4)}."
    keep_draft(of.task(), Typed(text), actor=student(of), now=story.now)
    story.draft = text, story.draft[1]


def uploads(of: Scene, story: Story, chance: Random) -> None:
    name = chance.choice(sorted(FILES))
    keep_draft(of.task(), Typed(), [receive(upload(name, FILES[name]))], actor=student(of), now=story.now)
    story.draft = story.draft[0], story.draft[1] | {name}


def removes(of: Scene, story: Story, chance: Random) -> None:
    draft = draft_of(piece(of))
    if draft and draft.files:
        gone = chance.choice(draft.files)
        keep_draft(of.task(), Typed(without=gone.public_id), actor=student(of), now=story.now)
        story.draft = story.draft[0], story.draft[1] - {gone.file.name}


def presses(of: Scene, story: Story, chance: Random) -> None:
    """Refused, the page keeps the draft, as the request is rolled back."""
    from_before = story.marked
    savepoint = db.session.begin_nested()
    try:
        submit_draft(of.task(), held(piece(of), story.now), actor=student(of), now=story.now)
    except Refused:
        savepoint.rollback()
        db.session.expire_all()
        is_again = from_before is not None and from_before[1] == story.draft
        assert not story.may_press() or is_again
        return
    savepoint.commit()
    is_again = from_before is not None and from_before[1] == story.draft
    assert story.may_press() or is_again
    if not is_again:
        story.received.append((story.now, story.draft))
    story.draft = "", frozenset()


def waits(of: Scene, story: Story, chance: Random) -> None:
    story.now += timedelta(minutes=chance.choice((1, 59, 180, 360)))
    collect(story.now)


def is_given_longer(of: Scene, story: Story, chance: Random) -> None:
    after = DUE + timedelta(hours=24)
    if story.is_extended or (after <= story.now and not story.received):
        return
    wanted = Wanted([of.enrolments[0]], [of.portfolio], after)
    seen = fingerprint_of(plan(wanted, story.now))
    leader = of.who(of.leader)
    grant(wanted, Cause.UNIVERSITY, "", seen=seen, form_key="key", actor=leader, now=story.now)
    story.due, story.is_extended = after, True


def student(of: Scene) -> Principal:
    return Principal(of.enrolments[0].person_id)


def piece(of: Scene) -> Piece:
    return Piece(of.portfolio.id, of.enrolments[0].id)


def check(session: Any, story: Story) -> None:
    session.flush()
    session.expire_all()
    submission = session.scalars(select(Submission)).one_or_none()
    mark = session.scalars(select(Mark)).one_or_none()
    kept = session.scalars(select(HandIn).order_by(HandIn.id)).all()
    assert [(each.at, (each.text, frozenset(file.file.name for file in each.files))) for each in kept] == story.received
    for each in kept:
        for file in each.files:
            assert file.file.sha256 == sha256(store().path(file.file.sha256).read_bytes()).hexdigest()
            assert file.file.sha256 == sha256(FILES[file.file.name]).hexdigest()
    if story.marked is None:
        is_over = submission is not None and submission.state is SubmissionState.NOT_SUBMITTED
        assert is_over is (story.now - STILL_ARRIVING > story.due)
        assert (mark.mark if mark else None) == (0 if is_over else None)
        return
    at, content = story.marked
    assert submission is not None
    assert mark is not None
    assert (submission.received_at, (submission.text, names(submission))) == (at, content)
    if at <= story.due:
        assert (submission.state, mark.state, mark.mark) == (SubmissionState.RECEIVED, MarkState.DRAFTED, None)
    else:
        assert (submission.state, mark.state, mark.mark) == (SubmissionState.LATE, MarkState.SUBMITTED, 0)


def names(submission: Submission) -> frozenset[str]:
    return frozenset(each.file.name for each in submission.current_files)


STEPS = (types, uploads, removes, presses, presses, waits, waits, is_given_longer)


SEEDS = 40
KINDS = {"in time", "late", "nothing", "late until an extension", "replaced"}


def kinds(story: Story) -> set[str]:
    """What can be said of a course that was gone."""
    if story.marked is None:
        return {"nothing"}
    at, _ = story.marked
    how = "in time" if at <= DUE else "late until an extension" if at <= story.due else "late"
    return {how, *(["replaced"] if len(story.received) > 1 else [])}


def test_what_is_marked_is_what_came_last_in_time(session: Any) -> None:
    gone: set[str] = set()
    for seed in range(SEEDS):
        undone = session.begin_nested()
        chance, story, of = Random(seed), Story(), scene(due=DUE)
        for step in chance.choices(STEPS, k=25):
            step(of, story, chance)
            check(session, story)
        gone |= kinds(story)
        undone.rollback()
        session.expire_all()
    assert gone == KINDS  # or these courses prove little
