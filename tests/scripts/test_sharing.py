"""Scripts are shared out among markers, given by hand, and follow whoever may mark them."""

from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from placements.assessment.models import Mark, Submission
from placements.assessment.queries import submission_seen
from placements.assessment.waiting import to_be_marked
from placements.cohorts.models import MarkedBy, RoleOnRun, RunRole, TutorCover
from placements.core.clock import today
from placements.core.errors import Conflict, Refused
from placements.core.policy import Answer, Principal
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from placements.marking.actions import save_draft
from placements.marking.queries import mark_of, queue
from placements.scripts import actions, notices
from placements.scripts.models import ScriptFix
from placements.scripts.queries import field_of, proposal_of
from tests import factories as make
from tests.assessment.scene import Scene, judgement, mark_it
from tests.factories import NOW
from tests.scripts.scene import given, marks, staffed


def shared_out(of: Scene) -> int:
    seen = proposal_of(field_of(of.portfolio)).seen
    count = actions.share_out(of.portfolio, seen=seen, actor=of.who(of.leader), now=NOW)
    db.session.flush()
    return count


def asked(of: Scene, name: str, mark: Mark, who: Principal) -> Answer:
    ability = current_app.extensions["placements.site"].abilities[name]
    answer: Answer = ability.ask(who, mark, NOW)
    return answer


def waiting_for(of: Scene) -> dict[int | None, int]:
    return {row.marker_id: row.count for row in db.session.execute(to_be_marked(NOW))}


def test_scripts_are_shared_evenly_and_again_nothing_moves(session: Any) -> None:
    of, _ = staffed(5)
    assert shared_out(of) == 5
    assert sorted(filter(None, given(of))) == ["Olu", "Olu", "Pia", "Tariq", "Tariq"]
    assert shared_out(of) == 0


def test_each_new_marker_is_told_once_of_all_of_theirs(session: Any) -> None:
    of, markers = staffed(5)
    shared_out(of)
    told = session.scalars(select(Notification).where(Notification.notice == "scripts.given")).all()
    assert sorted(each.recipient_id for each in told) == sorted(each.person_id for each in markers)
    assert {each.about_id for each in told} == {of.portfolio.id}
    said = notices.GIVEN.context(of.portfolio.id, markers[1].person, NOW)
    assert said is not None
    assert (said["count"], said["component"]) == (2, of.portfolio)
    for mark in marks(of):
        mark.allocated = markers[0].person
    session.flush()
    assert notices.GIVEN.context(of.portfolio.id, markers[1].person, NOW) is None


def test_an_interest_a_supervisor_and_a_contact_are_left_out(session: Any) -> None:
    of, (tariq, olu, pia) = staffed(3)
    first, second, third = of.placements
    make.interest(first.challenge.organisation, tariq.person)
    first.supervisor = olu.person
    make.contact(second.challenge.organisation, pia.person)
    third.supervisor = pia.person
    session.flush()
    shared_out(of)
    assert given(of)[0] == "Pia"
    assert given(of)[1] in ("Tariq", "Olu")
    assert sorted(filter(None, given(of))) == ["Olu", "Pia", "Tariq"]


def test_shares_and_limits_are_kept_to(session: Any) -> None:
    of, (tariq, olu, pia) = staffed(6)
    field = field_of(of.portfolio)
    said = {each.person.id: (0, None) for each in field.sharers}
    said |= {tariq.person_id: (2, None), olu.person_id: (1, None), pia.person_id: (1, 1)}
    actions.set_shares(field, said, actor=of.who(of.leader), now=NOW)
    shared_out(of)
    assert sorted(filter(None, given(of))) == ["Olu", "Olu", "Pia", "Tariq", "Tariq", "Tariq"]


def test_what_changed_since_it_was_looked_at_is_not_done(session: Any) -> None:
    of, (tariq, _, _) = staffed(3)
    seen = proposal_of(field_of(of.portfolio)).seen
    make.interest(of.placements[0].challenge.organisation, tariq.person)
    make.interest(of.placements[1].challenge.organisation, tariq.person)
    make.interest(of.placements[2].challenge.organisation, tariq.person)
    with pytest.raises(Conflict, match="so nothing was done"):
        actions.share_out(of.portfolio, seen=seen, actor=of.who(of.leader), now=NOW)
    assert given(of) == [None, None, None]


def test_what_is_begun_or_marked_stays_with_its_marker(session: Any) -> None:
    of, (_tariq, _olu, _pia) = staffed(4)
    shared_out(of)
    begun = marks(of)[0]
    before = begun.allocated
    assert before is not None
    save_draft(begun, judgement(of.portfolio, 50, None, None), seen=1, actor=Principal(before.id), now=NOW)
    field = field_of(of.portfolio)
    said = {each.person.id: (0 if each.person is before else 1, None) for each in field.sharers}
    actions.set_shares(field, said, actor=of.who(of.leader), now=NOW)
    shared_out(of)
    assert marks(of)[0].allocated is before
    assert given(of).count(before.given_name) == 1


def test_one_script_is_given_by_hand_and_stays_there(session: Any) -> None:
    of, (_tariq, _olu, pia) = staffed(3)
    shared_out(of)
    mark = next(each for each in marks(of) if each.allocated is not pia.person)
    actions.give(mark, pia.person, "She knows the field.", actor=of.who(of.leader), now=NOW)
    session.flush()
    assert mark.allocated is pia.person
    assert session.scalars(select(ScriptFix.reason)).all() == ["She knows the field."]
    shared_out(of)
    assert mark.allocated is pia.person
    row = session.scalars(select(History).where(History.reason == "She knows the field.")).one()
    assert (row.verb, row.ability) == ("given to a marker", "scripts.give")
    assert sorted(filter(None, given(of))) == ["Olu", "Pia", "Tariq"]


def test_nobody_with_an_interest_is_given_one_by_hand_nor_is_what_is_marked(session: Any) -> None:
    of, (_tariq, olu, _pia) = staffed(2)
    make.interest(of.placements[0].challenge.organisation, olu.person)
    session.flush()
    mark = marks(of)[0]
    with pytest.raises(Refused, match="no interest"):
        actions.give(mark, olu.person, "Why not?", actor=of.who(of.leader), now=NOW)
    session.expire_all()
    done = mark_it(of, session.get_one(Submission, marks(of)[1].submission.id), 50, 50, 50)
    with pytest.raises(Refused, match="marked already"):
        actions.give(done, olu.person, "Why not?", actor=of.who(of.leader), now=NOW)


def test_only_the_given_marker_marks_and_the_own_tutor_reads(session: Any) -> None:
    of, (tariq, olu, pia) = staffed(1, MarkedBy.TUTOR)
    mark = marks(of)[0]
    assert asked(of, "marking.mark", mark, of.who(tariq)) is Answer.YES
    actions.give(mark, olu.person, "By hand.", actor=of.who(of.leader), now=NOW)
    session.flush()
    assert asked(of, "marking.mark", mark, of.who(olu)) is Answer.YES
    assert asked(of, "marking.mark", mark, of.who(tariq)) is Answer.NOT_YOU
    assert asked(of, "assessment.read_mark", mark, of.who(tariq)) is Answer.YES
    assert mark_of(of.who(olu), mark.public_id) is mark
    assert submission_seen(of.who(olu), mark.submission.public_id) is mark.submission
    assert mark_of(of.who(pia), mark.public_id) is None
    assert submission_seen(of.who(pia), mark.submission.public_id) is None


def test_the_queue_and_the_reminder_follow_the_given_marker(session: Any) -> None:
    of, (tariq, olu, _) = staffed(2, MarkedBy.TUTOR)
    assert waiting_for(of) == {tariq.person_id: 2}
    actions.give(marks(of)[0], olu.person, "By hand.", actor=of.who(of.leader), now=NOW)
    session.flush()
    assert waiting_for(of) == {tariq.person_id: 1, olu.person_id: 1}
    assert [mark.allocated for mark, _ in queue(of.who(olu), NOW, 25, 1)[0]] == [olu.person]
    assert [mark.allocated for mark, _ in queue(of.who(tariq), NOW, 25, 1)[0]] == [None]
    assert [mark.allocated for mark, _ in queue(of.who(tariq), NOW, 25, 1, whose="others")[0]] == [olu.person]


def test_shared_work_that_nobody_was_given_is_nobodys(session: Any) -> None:
    of, (tariq, _, _) = staffed(1)
    mark = marks(of)[0]
    assert waiting_for(of) == {None: 1}
    assert asked(of, "marking.mark", mark, of.who(tariq)) is Answer.NOT_YOU
    assert queue(of.who(tariq), NOW, 25, 1)[0] == []
    assert [line.needs_marker for line in field_of(of.portfolio).lines] == [True]


def test_who_covers_marks_what_was_given_to_the_tutor_and_for_these_days_alone(session: Any) -> None:
    of, (_tariq, olu, pia) = staffed(1)
    mark = marks(of)[0]
    mark.allocated = olu.person
    day = today(NOW)
    away = {"run": of.run, "tutor": olu.person, "cover": pia.person, "made_by_id": of.leader.person_id}
    cover = TutorCover(form_key="k", from_on=day, to_on=day, made_at=NOW, **away)
    session.add(cover)
    session.flush()
    assert asked(of, "marking.mark", mark, of.who(pia)) is Answer.YES
    assert waiting_for(of) == {pia.person_id: 1}
    cover.to_on = cover.from_on = day - timedelta(days=1)
    session.flush()
    assert asked(of, "marking.mark", mark, of.who(pia)) is Answer.NOT_YOU
    assert waiting_for(of) == {olu.person_id: 1}


@pytest.mark.parametrize("how", ["leaves", "interest"])
def test_a_marker_who_leaves_or_gains_an_interest_needs_a_successor(session: Any, how: str) -> None:
    of, (tariq, olu, pia) = staffed(1)
    mark = marks(of)[0]
    mark.allocated = olu.person
    session.flush()
    assert field_of(of.portfolio).waiting == []
    if how == "leaves":
        session.delete(session.scalars(select(RoleOnRun).filter_by(person_id=olu.person_id, role=RunRole.TUTOR)).one())
    else:
        make.interest(of.placements[0].challenge.organisation, olu.person)
    session.flush()
    assert [line.holder for line in field_of(of.portfolio).waiting] == [olu.person]
    assert asked(of, "marking.mark", mark, of.who(olu)) is Answer.NOT_YOU
    shared_out(of)
    assert mark.allocated in (tariq.person, pia.person)
    assert field_of(of.portfolio).waiting == []
