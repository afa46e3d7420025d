"""From a message to each person's mail: once, alone, by slices; held, going on, stopped; what is kept of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from placements.bulletins import actions, notices
from placements.bulletins.models import Bulletin, BulletinRecipient
from placements.bulletins.queries import results
from placements.bulletins.rules import Audience, Result
from placements.bulletins.sending import send_due
from placements.bulletins.workflow import BulletinState
from placements.cohorts.models import RoleOnRun
from placements.cohorts.workflow import EnrolmentState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.mail import muting
from placements.mail.delivery import BACK_OFF, deliver, gather
from placements.mail.models import MailReturn, Message, Notification, ReturnKind
from tests import factories as make
from tests.bulletins import factories
from tests.bulletins.scene import Post, Scene, again, outcomes, somebody, work
from tests.factories import DAY, NOW
from tests.golden import check_golden, said

B = BulletinState
MINUTE = timedelta(minutes=1)
FOUR = ["Ada", "Ben", "Cy", "Dee"]


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def lea(scene: Scene) -> Principal:
    return scene.lea


def test_the_mail(scene: Scene) -> None:
    bulletin = scene.bulletin(words="{given_name}, we meet in room 4 for {run}.\n\nBring:\n- a pen\n- your card")
    check_golden("bulletins/bulletin", said(notices.BULLETIN, bulletin.id, scene.students["Ada"].person) or "")


def test_the_mail_to_an_organisation(scene: Scene) -> None:
    words = "Would {organisation} have students again? Tell {sender}."
    bulletin = scene.bulletin(Audience.PARTNERS, subject="{organisation}, next year", words=words)
    check_golden("bulletins/to_organisations", said(notices.TO_ORGANISATIONS, bulletin.id, scene.con.person) or "")


def test_everybody_gets_one_of_their_own(scene: Scene, post: Post) -> None:
    bulletin = scene.bulletin()
    work(post, NOW)
    assert post.to == FOUR
    assert {mail.subject for _, mail in post.sent} == {"Where to meet on Wednesday"}
    assert again(bulletin).state is B.SENT
    assert outcomes(bulletin) == dict.fromkeys(FOUR, "sent")
    work(post, NOW + DAY)
    assert post.to == FOUR


def test_nothing_goes_before_its_moment(scene: Scene, post: Post) -> None:
    bulletin = scene.bulletin(send_at=NOW + DAY)
    work(post, NOW + DAY - MINUTE)
    assert (post.to, again(bulletin).state) == ([], B.SCHEDULED)
    make.enrolment(scene.group, somebody("Fay").person)  # who joins before it is sent gets it too
    scene.enrolments["Cy"].state = EnrolmentState.WITHDRAWN
    work(post, NOW + DAY)
    assert post.to == ["Ada", "Ben", "Dee", "Fay"]


def test_it_is_told_by_slices(scene: Scene) -> None:
    scene.bulletin()
    db.session.commit()
    assert send_due(NOW, size=3) == 4
    assert db.session.scalar(select(func.count(Notification.id))) == 4


def test_held_half_way_nothing_more_leaves_and_then_everybody_gets_it_once(
    scene: Scene, post: Post, lea: Principal
) -> None:
    """Two are sent it; one's mail is made and one is only told when it is held."""
    bulletin = scene.bulletin()
    db.session.commit()
    send_due(NOW)
    for name in ("Cy", "Dee"):
        _told(bulletin, scene, name).due_at = NOW + MINUTE  # not gathered yet
        _recipient(bulletin, scene, name).told_at = NOW + MINUTE
    work(post, NOW)
    assert post.to == ["Ada", "Ben"]
    gather(NOW + MINUTE, NOW)
    actions.hold(again(bulletin), actor=lea, now=NOW + 2 * MINUTE)
    work(post, NOW + 3 * MINUTE)
    assert (post.to, again(bulletin).state) == (["Ada", "Ben"], B.HELD)
    assert results(again(bulletin)) == {Result.SENT: 2, Result.WAITING: 2}
    actions.go_on(again(bulletin), actor=lea, now=NOW + 4 * MINUTE)
    work(post, NOW + 5 * MINUTE)
    assert (post.to, again(bulletin).state) == (FOUR, B.SENT)
    assert outcomes(bulletin) == dict.fromkeys(FOUR, "sent")


def test_going_on_before_the_worker_came_by_sends_each_once(scene: Scene, post: Post, lea: Principal) -> None:
    bulletin = scene.bulletin()
    db.session.commit()
    send_due(NOW)
    actions.hold(again(bulletin), actor=lea, now=NOW + MINUTE)
    actions.go_on(again(bulletin), actor=lea, now=NOW + 2 * MINUTE)
    work(post, NOW + 3 * MINUTE)
    assert (post.to, again(bulletin).state) == (FOUR, B.SENT)


def test_a_mail_dropped_by_a_hold_that_is_over_is_told_again(scene: Scene, post: Post) -> None:
    """The worker read that it was held, and wrote that down only after it went on."""
    bulletin = scene.bulletin()
    db.session.commit()
    send_due(NOW)
    _told(bulletin, scene, "Ada").dropped_at = NOW
    bulletin.resumed_at = NOW + MINUTE
    work(post, NOW + 2 * MINUTE)
    assert post.to == FOUR


def test_held_before_its_moment_it_goes_when_it_goes_on(scene: Scene, post: Post, lea: Principal) -> None:
    bulletin = scene.bulletin(send_at=NOW + DAY)
    actions.hold(again(bulletin), actor=lea, now=NOW)
    work(post, NOW + 2 * DAY)
    assert post.to == []
    actions.go_on(again(bulletin), actor=lea, now=NOW + 2 * DAY)
    work(post, NOW + 2 * DAY + MINUTE)
    assert post.to == FOUR


def test_stopped_half_way_the_others_never_get_it(scene: Scene, post: Post, lea: Principal) -> None:
    bulletin = scene.bulletin()
    db.session.commit()
    send_due(NOW, size=2)
    for name in ("Cy", "Dee"):
        _told(bulletin, scene, name).due_at = NOW + MINUTE
        _recipient(bulletin, scene, name).told_at = NOW + MINUTE
    work(post, NOW)
    actions.stop(again(bulletin), actor=lea, now=NOW)
    work(post, NOW + 2 * MINUTE)
    assert (post.to, again(bulletin).state) == (["Ada", "Ben"], B.STOPPED)
    assert outcomes(bulletin) == {"Ada": "sent", "Ben": "sent", "Cy": "stopped", "Dee": "stopped"}
    with pytest.raises(Refused):
        actions.go_on(again(bulletin), actor=lea, now=NOW)


def test_who_is_in_the_audience_no_more_is_not_written_to(scene: Scene, post: Post) -> None:
    bulletin = scene.bulletin(filters={"situation": "no_choices"})
    db.session.commit()
    assert send_due(NOW) == 1
    make.application(scene.enrolments["Ben"], [scene.challenge])
    work(post, NOW)
    assert (post.to, outcomes(bulletin), again(bulletin).state) == ([], {"Ben": "left"}, B.SENT)


def test_whoever_lost_the_run_sends_nothing_more(scene: Scene, post: Post) -> None:
    waiting, going = scene.bulletin(send_at=NOW + DAY), scene.bulletin()
    db.session.commit()
    send_due(NOW)
    db.session.delete(db.session.scalars(select(RoleOnRun).filter_by(person_id=scene.leader.person_id)).one())
    work(post, NOW + DAY)
    assert (post.to, again(waiting).state, again(going).state) == ([], B.STOPPED, B.STOPPED)
    assert outcomes(going) == dict.fromkeys(FOUR, "stopped")
    reasons = db.session.scalars(select(History.reason).where(History.verb == "stopped a message")).all()
    assert reasons == ["whoever wrote it may not write to these people any more"] * 2


def test_a_server_that_turns_one_away_keeps_none_of_the_others_back(scene: Scene, post: Post) -> None:
    bulletin = scene.bulletin()
    post.turns_away.add("Ben")
    work(post, NOW)
    assert (post.to, again(bulletin).state) == (["Ada", "Cy", "Dee"], B.SENDING)
    assert results(again(bulletin)) == {Result.SENT: 3, Result.WAITING: 1}
    machine = NOW
    for wait in BACK_OFF:
        machine += wait
        deliver(post, NOW, machine)
    send_due(NOW)
    assert (results(again(bulletin)), again(bulletin).state) == ({Result.SENT: 3, Result.FAILED: 1}, B.SENT)
    post.turns_away.clear()
    failed = db.session.scalars(select(Message).where(Message.problem.is_not(None))).one()
    failed.state = failed.state.QUEUED  # somebody has it tried again
    work(post, machine)
    assert (post.to, results(again(bulletin))) == (FOUR, {Result.SENT: 4})


def test_each_ones_timeline_says_so_and_nobody_elses(scene: Scene, post: Post) -> None:
    bulletin = scene.bulletin(filters={"group": scene.other_group.public_id})
    ben = scene.students["Ben"].person_id
    work(post, NOW)
    rows = db.session.scalars(select(History).where(History.verb == "sent a message")).all()
    assert [(row.person_id, row.reason, row.ability) for row in rows] == [
        (ben, "“Where to meet on Wednesday”, from Lea Bell", None)
    ]
    assert again(bulletin).state is B.SENT


def _told(bulletin: Bulletin, scene: Scene, name: str) -> Notification:
    of_it = {"about_id": bulletin.id, "recipient_id": scene.students[name].person_id}
    return db.session.scalars(select(Notification).filter_by(notice="bulletins.bulletin", **of_it)).one()


def _recipient(bulletin: Bulletin, scene: Scene, name: str) -> BulletinRecipient:
    of_it = {"bulletin_id": bulletin.id, "person_id": scene.students[name].person_id}
    return db.session.scalars(select(BulletinRecipient).filter_by(**of_it)).one()


def test_who_wants_no_such_messages_gets_none_and_a_student_cannot_say_so(scene: Scene, post: Post) -> None:
    to_contacts, to_students = scene.bulletin(Audience.CONTACTS), scene.bulletin()
    con, ada = scene.con.person_id, scene.students["Ada"].person_id
    assert muting.mute(con, ["bulletins.to_organisations"]) == ["bulletins.to_organisations"]
    assert muting.mute(ada, ["bulletins.bulletin"]) == []
    work(post, NOW)
    assert post.to == [*FOUR, "Sue"]
    assert outcomes(to_contacts) == {"Con": "muted", "Sue": "sent"}
    assert outcomes(to_students) == dict.fromkeys(FOUR, "sent")


def test_only_people_at_organisations_are_offered_a_press_to_hear_no_more(scene: Scene, post: Post) -> None:
    scene.bulletin(Audience.CONTACTS, filters={"role": "primary"})
    scene.bulletin(filters={"situation": "no_choices"})
    work(post, NOW)
    assert [
        (name, "List-Unsubscribe" in mail.headers) for name, mail in sorted(post.sent, key=lambda each: each[0])
    ] == [
        ("Ben", False),
        ("Con", True),
    ]


def test_an_address_that_mail_comes_back_from_is_told_as_that(scene: Scene, post: Post) -> None:
    earlier = scene.bulletin()
    work(post, NOW)
    of_ben = {"recipient_id": again(scene.students["Ben"]).person_id}
    back = db.session.scalars(select(Message).filter_by(**of_ben)).one()
    db.session.add(MailReturn(message_id=back.id, kind=ReturnKind.BOUNCED, address="ben@example.org", at=NOW))
    later = _to_the_second_group(scene)
    work(post, NOW + DAY)
    assert post.to == FOUR
    assert results(again(later)) == {Result.BOUNCES: 1}
    assert again(later).state is B.SENT
    assert results(again(earlier)) == {Result.SENT: 4}


def _to_the_second_group(scene: Scene) -> Bulletin:
    group = again(scene.other_group).public_id
    return factories.bulletin(
        sender=again(scene.leader).person, run=again(scene.run), filters={"group": group}, send_at=NOW
    )
