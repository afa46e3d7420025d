"""The words that owners, reporters and administrators are sent: neither what, nor of whom."""

import re
from typing import Any

import pytest

from placements.concerns import actions, notices
from placements.concerns.rules import About, Kind
from tests.concerns.scene import Concerned
from tests.factories import DAY, NOW
from tests.golden import check_golden, said


@pytest.fixture
def scene(session: Any) -> Concerned:
    return Concerned()


def mail(*told: str | None) -> str:
    words = "\n----\n".join(each or "nothing" for each in told)
    return re.sub(r"(?<=/concerns/)(mine/)?\S+", r"\1ADDRESS", re.sub(r"(?<=/tell-us/)\S+", "TOKEN", words))


def test_something_waits_until_it_is_acted_on(scene: Concerned) -> None:
    concern, tutor, leader = scene.tell(), scene.tutor.person, scene.leader.person
    mails = [said(notices.WAITS, concern.id, tutor), said(notices.WAITS, concern.id, leader, NOW + 2 * DAY)]
    assert said(notices.WAITS, concern.id, scene.student.person) is None
    actions.own(concern, actor=scene.as_("tutor"), now=NOW)
    assert said(notices.WAITS, concern.id, leader) is None
    mails += [said(notices.WAITS, concern.id, tutor), said(notices.WAITS, concern.id, tutor, NOW + 8 * DAY)]
    check_golden("concerns/waits", mail(*mails))
    actions.note(concern, "I rang.", "key", actor=scene.as_("tutor"), now=NOW)
    assert said(notices.WAITS, concern.id, tutor, NOW + 8 * DAY) is None


def test_the_administrator_hears_only_that_nobody_can(scene: Concerned) -> None:
    about = {"about": About.SAFEGUARDING, "about_id": scene.safeguarding.person_id, "kind": Kind.PERSON}
    concern, administrator = scene.tell(**about), scene.administrator.person
    check_golden("concerns/nobody", mail(said(notices.NOBODY, concern.id, administrator)))
    assert said(notices.NOBODY, scene.tell().id, administrator) is None


def test_the_reporter_hears_that_there_is_news(scene: Concerned) -> None:
    concern, student = scene.tell(), scene.student.person
    assert said(notices.NEWS, concern.id, student) is None
    actions.own(concern, actor=scene.as_("tutor"), now=NOW)
    news = said(notices.NEWS, concern.id, student)
    actions.resolve(concern, "Done.", actor=scene.as_("tutor"), now=NOW)
    assert said(notices.NEWS, concern.id, student) == news
    check_golden("concerns/news", mail(news))
    restricted = scene.owned("safeguarding", kind=Kind.SAFETY)
    assert mail(said(notices.NEWS, restricted.id, student)) == mail(news)
    actions.resolve(restricted, "Done.", actor=scene.as_("safeguarding"), now=NOW)
    assert said(notices.NEWS, restricted.id, student) is None


def test_the_link_is_mailed_while_it_works(scene: Concerned) -> None:
    scene.link()
    supervisor = scene.supervisor.person
    check_golden("concerns/link", mail(said(notices.LINK, supervisor.id, supervisor)))
    assert said(notices.LINK, supervisor.id, supervisor, NOW + 14 * DAY) is None
