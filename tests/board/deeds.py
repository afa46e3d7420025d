"""What markers, moderators, leaders and an examiner may have done before anything is released, by the real verbs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from placements.accounts.queries import principal_of
from placements.assessment.models import Mark
from placements.board.readiness import why_not
from placements.board.releasing import fingerprint_of as set_of
from placements.board.releasing import stage
from placements.board.withholding import withhold
from placements.cohorts.models import Checkpoint, Component
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.double_marking import actions as second_marking
from placements.double_marking.models import SecondMark
from placements.double_marking.rules import Judgement as SecondJudgement
from placements.examining import actions as examining
from placements.marking.actions import Judgement, keep_words, save_draft, submit_mark
from placements.moderation import actions as moderating
from placements.moderation.models import Moderation
from placements.moderation.workflow import Outcome
from placements.placing.models import Placement
from placements.reading.grading import grade
from placements.reading.queries import final_grade
from tests.factories import NOW
from tests.site.world import World

FAR = NOW + timedelta(weeks=20)  # later than anybody here looks
SAID = "CANARY words of a marker."


def who(world: World, name: str) -> Principal:
    """One of the world's people, with every role."""
    return principal_of(world.accounts[name], current_app.extensions["placements.roles_of"], today(NOW))


def marks(world: World, kind: str, *names: str) -> list[Mark]:
    """The marks of those students of the cohort, as they are now."""
    found = [db.session.get(Mark, world.things[f"{name} {kind}"].id) for name in names]
    return [each for each in found if each is not None]


def drafted(world: World, scores: dict[str, int], kinds: tuple[str, ...] = ("agreement", "portfolio")) -> None:
    """The tutor keeps a draft of each mark, with words from the comment bank, and grades the logbooks."""
    tutor = who(world, "tutor")
    for name, score in scores.items():
        for kind in kinds:
            [mark] = marks(world, kind, name)
            if kind == "portfolio":
                _graded(mark, score, tutor)
            save_draft(mark, _judgement(mark, score), seen=mark.version, actor=tutor, now=NOW)
            keep_words(mark, mark.component.criteria[0], f"{SAID} {score}", actor=tutor)


def submitted(world: World, scores: dict[str, int], kinds: tuple[str, ...] = ("agreement", "portfolio")) -> None:
    """The tutor submits them."""
    drafted(world, scores, kinds)
    for name, score in scores.items():
        for kind in kinds:
            [mark] = marks(world, kind, name)
            submit_mark(mark, _judgement(mark, score), seen=mark.version, actor=who(world, "tutor"), now=NOW)


def _judgement(mark: Mark, score: int) -> Judgement:
    return Judgement({each.id: (score, f"{SAID} {score}") for each in mark.component.criteria}, f"{SAID} {score}")


def _graded(mark: Mark, score: int, tutor: Principal) -> None:
    placement = db.session.scalars(select(Placement).where(Placement.enrolment_id == mark.enrolment_id)).one()
    final = select(Checkpoint).where(Checkpoint.run_id == mark.component.run_id, Checkpoint.is_final)
    checkpoint = db.session.scalars(final.order_by(Checkpoint.id)).first()
    saved = final_grade(mark.enrolment_id)
    about = {each.id: (score, SAID) for each in mark.component.criteria if each.is_about_logbook}
    assert checkpoint is not None
    grade(placement, checkpoint, about, SAID, version=saved.version if saved else 0, actor=tutor, now=NOW)


def second(world: World, kind: str, scores: dict[str, int], *, is_final: bool = True) -> None:
    """Another tutor marks the same a second time."""
    leader, by = who(world, "leader"), who(world, "second")
    chosen = marks(world, kind, *scores)
    assert by.person_id is not None
    allotted = {each.id: by.person_id for each in chosen}
    second_marking.allot(chosen[0].component, allotted, actor=leader, now=NOW)
    for mark, score in zip(chosen, scores.values(), strict=True):
        row = db.session.scalars(select(SecondMark).where(SecondMark.mark_id == mark.id)).one()
        said = SecondJudgement({each.id: (score, SAID) for each in mark.component.criteria}, SAID)
        act = second_marking.submit if is_final else second_marking.save_draft
        act(row, said, seen=row.version, actor=by, now=NOW)


def talked(world: World, kind: str, name: str, proposed: int) -> None:
    """The second marker proposes one mark for both, and the first agrees."""
    [mark] = marks(world, kind, name)
    made = second_marking.propose(mark, proposed, SAID, actor=who(world, "second"), now=NOW)
    second_marking.agree(made, actor=who(world, "tutor"), now=NOW)


def drawn(world: World, part: str = "agreement_component") -> Moderation:
    """A sample is drawn, for the run's moderator."""
    component = db.session.get_one(Component, world.things[part].id)
    moderator = world.accounts["moderator"].person_id
    return moderating.draw(component, moderator, actor=who(world, "leader"), now=NOW)


def moderated(world: World, points: int) -> None:
    """The sample is read and found too low; the whole set is adjusted, and moderation is done."""
    made, moderator, leader = drawn(world), who(world, "moderator"), who(world, "leader")
    for script in made.sample:
        moderating.note(script, agrees=False, comment=SAID, actor=moderator, now=NOW)
    moderating.close(made, Outcome.ADJUST, SAID, actor=moderator, now=NOW)
    seen = moderating.fingerprint_of(made)
    moderating.adjust(made, points, None, SAID, seen=seen, actor=leader, now=NOW)
    moderating.settle(made, actor=leader, now=NOW)


def kept_back(world: World, kind: str, name: str) -> None:
    """One mark is withheld."""
    [mark] = marks(world, kind, name)
    withhold(mark, SAID, actor=who(world, "leader"), now=NOW)


def staged(world: World, kind: str, *names: str) -> None:
    """A release of those marks waits for its moment."""
    chosen = marks(world, kind, *names)
    assert [why_not(each) for each in chosen] == [None] * len(chosen)
    stage(chosen[0].component, chosen, FAR, seen=set_of(chosen), actor=who(world, "leader"), now=NOW)


def examined(world: World, *names: str) -> None:
    """The external examiner asks for scripts, and reports on the run."""
    examiner = who(world, "external")
    for [mark] in (marks(world, "agreement", name) for name in names):
        examining.ask(mark.submission, SAID, actor=examiner, now=NOW)
    report = examining.begin(mark.component.run, actor=examiner, now=NOW)
    examining.write(report, dict.fromkeys(("standards", "marking", "changes", "practice", "scripts"), SAID), now=NOW)
    examining.submit(report, actor=examiner, now=NOW)


def some_are_in(world: World) -> None:
    """One marker is further than the other."""
    submitted(world, {"Ada": 35, "Ben": 72, "Cyd": 58}, ("portfolio",))
    second(world, "portfolio", {"Ada": 35, "Ben": 35, "Dee": 12}, is_final=False)
    submitted(world, {"Ada": 72, "Dee": 35}, ("agreement",))
    drafted(world, {"Ben": 35, "Cyd": 72}, ("agreement",))
    kept_back(world, "agreement", "Dee")
    kept_back(world, "portfolio", "Cyd")


def _all_but_released(world: World, scores: dict[str, int], seconds: dict[str, int]) -> None:
    submitted(world, scores)
    second(world, "agreement", seconds)
    for name, score in scores.items():
        [mark] = marks(world, "agreement", name)
        if mark.agreed is None:
            talked(world, "agreement", name, max(score, seconds[name]))
    moderated(world, 3)
    kept_back(world, "agreement", "Dee")
    staged(world, "agreement", "Ada", "Ben", "Cyd")
    second(world, "portfolio", seconds)
    examined(world, "Ada", "Ben")


def _fails(world: World) -> None:
    _all_but_released(world, {"Ada": 35, "Ben": 35, "Cyd": 21, "Dee": 39}, {"Ada": 35, "Ben": 30, "Cyd": 28, "Dee": 38})


def _passes(world: World) -> None:
    _all_but_released(world, {"Ada": 72, "Ben": 72, "Cyd": 65, "Dee": 90}, {"Ada": 72, "Ben": 55, "Cyd": 66, "Dee": 41})


VARIANTS: tuple[tuple[str, Callable[[World], Any]], ...] = (
    ("some are drafted and some are in, two of them withheld", some_are_in),
    ("everything but the release, by fails", _fails),
    ("everything but the release, by passes", _passes),
)
