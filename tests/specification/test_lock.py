"""What locks a component: the first mark saved of it, and for a portfolio the first final grade of a logbook."""

from typing import Any

import pytest

from placements.assessment.actions import follow_deadlines
from placements.assessment.collecting import find_missing
from placements.cohorts.models import Component
from placements.core.errors import Conflict
from placements.core.policy import Principal
from placements.marking.actions import save_draft
from placements.reading import grading
from placements.specification import actions, queries
from placements.specification.rules import Line
from tests import factories as make
from tests.assessment.scene import Scene, agree, hand_in, judgement, scene, seeded
from tests.client import PageClient
from tests.factories import NOW


def locked(of: Scene) -> list[str]:
    return sorted(each.kind.value for each in of.run.components if each.locked_at)


def by_tutor(of: Scene) -> dict[str, Any]:
    return {"actor": Principal(of.tutor.person_id), "now": NOW}


def test_the_first_draft_of_a_mark_locks_its_component_alone(session):
    of = scene()
    mark = hand_in(of).mark
    session.refresh(of.run)
    assert locked(of) == []  # handing in judges nothing
    save_draft(mark, judgement(of.portfolio, 62, None, None), seen=1, **by_tutor(of))
    assert (locked(of), of.portfolio.locked_at) == (["portfolio"], NOW)


def test_a_zero_by_rule_locks_nothing(session):
    of = scene()
    find_missing(NOW)
    follow_deadlines(NOW)
    session.refresh(of.run)
    assert locked(of) == []


def test_a_mark_of_an_agreement_locks_the_agreement(session):
    of = scene()
    mark = agree(of).mark
    session.refresh(of.run)
    save_draft(mark, judgement(of.agreement, 62, 60, 60), seen=1, **by_tutor(of))
    assert locked(of) == ["agreement"]


@pytest.mark.parametrize("is_final", [False, True])
def test_only_a_final_grade_of_a_logbook_locks_the_portfolio(session, is_final):
    of = scene()
    checkpoint = make.checkpoint(of.run, is_final=is_final)
    scores = {each.id: (60, "") for each in of.portfolio.criteria if each.is_about_logbook}
    grading.grade(of.placements[0], checkpoint, scores, "", version=0, **by_tutor(of))
    session.refresh(of.run)
    assert locked(of) == (["portfolio"] if is_final else [])


def test_a_mark_made_of_an_older_rubric_is_not_saved(session):
    of = scene()
    mark, said = hand_in(of).mark, judgement(of.portfolio, 62, 60, 70)
    kept = [(each, Line(each.title, 50)) for each in of.portfolio.criteria if not each.is_about_logbook]
    actions.set_rubric(of.portfolio, kept, seen=queries.seen_rubric(of.portfolio), **by_tutor(of))
    with pytest.raises(Conflict, match="The rubric was changed while you had this open"):
        save_draft(mark, said, seen=1, **by_tutor(of))


def test_scores_typed_beside_an_older_order_of_the_rubric_are_checked_again(database, client: PageClient):
    def handed_in() -> Scene:
        of = scene()
        hand_in(of)
        return of

    of = seeded(database, handed_in)
    client.sign_in_as(of.tutor)
    form = client.page(client.page("/marking").link("Student1 Okoro")).form()
    with database.app_context():
        part = actions.db.session.get_one(Component, of.portfolio.id)
        turned = [(each, queries.line_of(each)) for each in part.criteria[::-1]]
        actions.set_rubric(part, turned, seen=queries.seen_rubric(part), **by_tutor(of))
        actions.db.session.commit()
    page = client.submit(form, score_1="90", score_2="60", score_3="40")
    said = "The rubric has changed since you opened this page. Check each score against it, then save again"
    assert page.errors == [said]
    assert page.form().values["score_1"] == ["90"]
    page = client.submit(page.form(), score_1="40", score_3="90")
    assert page.errors == []
    assert "These scores come to 67" in page.text  # writing 25% of 40, logbook 35% of 60, understanding 40% of 90


def test_a_marker_chooses_among_the_fixed_marks(database, client: PageClient):
    def handed_in() -> Scene:
        of = scene(scale="points", points=[85, 65, 55, 45, 20])
        hand_in(of)
        make.checkpoint(of.run, title="Final check", is_final=True)
        return of

    of = seeded(database, handed_in)
    client.sign_in_as(of.tutor)
    page = client.page(client.page("/marking").link("Student1 Okoro"))
    assert page.form().offers("score_1") == ["", "85", "65", "55", "45", "20"]
    page = client.submit(page.form(), score_1="65")
    assert page.form().values["score_1"] == ["65"]
    sent = {"score_1": "66", **{name: values[0] for name, values in page.form().values.items() if name != "score_1"}}
    answer = client.post(page.form().action, data=sent)
    assert answer.status_code == 422
    grade = client.page(client.page(page.form().action).link("Grade it on the logbook: Logbook and reflection"))
    scores = [name for name in grade.form().names if name.startswith("score_")]
    assert [grade.form().offers(name) for name in scores] == [["", "85", "65", "55", "45", "20"]]
