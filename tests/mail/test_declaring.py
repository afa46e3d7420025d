"""What an area declares to be told is looked at when the application starts."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader
from sqlalchemy import null, select

from placements.app import create_app
from placements.mail.notices import Notice, Pace, Reminder, TimedReminder, init_notices
from tests.databases import make_settings

pytestmark = pytest.mark.pure

BLOCKS = ("subject", "body", "title", "to", "because", "until")
SAID = {block: f"{{% block {block} %}}…{{% endblock %}}" for block in BLOCKS}
WORDS = "{% block body %}{% block words %}…{% endblock %}{% endblock %}"
OF_RUN = {**SAID, "body": WORDS}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return create_app(make_settings("sqlite://", tmp_path))


def nothing(*_: Any) -> None:
    """Never true."""


def due(*_: Any) -> Any:
    """Nothing is ever due."""
    return select(null())


def notice(name: str = "offers.made", **said: Any) -> Notice:
    return Notice(name, nothing, **said)


def of_run(name: str = "offers.made") -> Notice:
    return notice(name, run="run.id")


def start(app: Flask, notices: Iterable[Notice], reminders: Iterable[Any] = (), **templates: dict[str, str]) -> None:
    """Declare these, of templates with these blocks: made and lapsed, a whole one each where nothing else is said."""
    texts = {"made": SAID, "lapsed": SAID, **templates}
    app.jinja_loader = DictLoader(
        {f"mail/offers/{name}.html": "\n".join(said.values()) for name, said in texts.items()}
    )
    init_notices(app, notices, reminders)


def refused(app: Flask, why: str, *args: Any, **templates: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(why)}$"):
        start(app, *args, **templates)


def test_what_is_declared_well_is_known(app: Flask) -> None:
    made, lapsed = of_run(), notice("offers.lapsed", pace=Pace.DAILY, may_mute=True)
    timed = TimedReminder(made, due, steps=(-365, 0, 365), hangs_on="the offer’s deadline", then="offers.lapsed")
    start(app, [made, lapsed], [timed, Reminder(lapsed, due)], made=OF_RUN)
    assert app.extensions["placements.notices"] == {"offers.made": made, "offers.lapsed": lapsed}
    assert app.extensions["placements.reminders"] == (timed, Reminder(lapsed, due))


def test_a_notice_without_a_template_stops_the_start(app: Flask) -> None:
    refused(app, "notice offers.rescinded has no template mail/offers/rescinded.html", [notice("offers.rescinded")])


def test_a_notice_declared_twice_stops_the_start(app: Flask) -> None:
    refused(app, "notice declared twice: offers.made", [notice(), notice()])


@pytest.mark.parametrize("block", BLOCKS)
def test_a_notice_that_leaves_something_unsaid_stops_the_start(app: Flask, block: str) -> None:
    said = {name: text for name, text in SAID.items() if name != block}
    refused(app, f"notice offers.made does not say: {block}", [notice()], made=said)


def test_everything_that_is_unsaid_is_named(app: Flask) -> None:
    said = {"subject": SAID["subject"], "body": SAID["body"]}
    refused(app, "notice offers.made does not say: title, to, because, until", [notice()], made=said)


@pytest.mark.parametrize(("run", "template"), [("run.id", SAID), ("", OF_RUN)])
def test_words_of_a_runs_own_without_a_run_and_the_reverse_stop_the_start(
    app: Flask, run: str, template: dict[str, str]
) -> None:
    why = "notice offers.made: words that a run may change go with the run that they are about"
    refused(app, why, [notice(run=run)], made=template)


def test_what_cannot_wait_cannot_be_muted(app: Flask) -> None:
    why = "notice offers.made cannot wait, so nobody may mute it"
    refused(app, why, [notice(pace=Pace.NOW, may_mute=True)])


@pytest.mark.parametrize("known", [[], [notice(pace=Pace.DAILY)]])
def test_a_reminder_of_a_notice_that_is_not_declared_stops_the_start(app: Flask, known: list[Notice]) -> None:
    refused(app, "reminder of a notice that is not declared: offers.made", known, [Reminder(notice(), due)])


def test_a_reminder_that_goes_up_to_nobody_stops_the_start(app: Flask) -> None:
    made = notice()
    why = "reminder offers.made goes up to a notice that is not declared: offers.lapsed"
    refused(app, why, [made], [Reminder(made, due, then="offers.lapsed")])


@pytest.mark.parametrize("steps", [(), (-366,), (0, 366)])
def test_a_timed_reminder_needs_steps_within_a_year(app: Flask, steps: tuple[int, ...]) -> None:
    made = of_run()
    timed = TimedReminder(made, due, steps, hangs_on="the offer’s deadline")
    refused(app, "reminder offers.made has no steps, or some beyond a year", [made], [timed], made=OF_RUN)


def test_what_a_run_may_time_is_about_a_run(app: Flask) -> None:
    made = notice()
    timed = TimedReminder(made, due, (-1,), hangs_on="the offer’s deadline")
    refused(app, "reminder offers.made is timed by the run, but its notice is about none", [made], [timed])


def test_what_is_said_to_whoever_asks_is_plain_and_the_same_for_everybody(app: Flask) -> None:
    """It completes a sentence of the mail and of the list of notices, and holds nothing of anybody's."""
    loader = app.jinja_loader
    assert loader is not None
    declared: dict[str, Notice] = app.extensions["placements.notices"]
    assert len(declared) > 150
    for each in declared.values():
        text, *_ = loader.get_source(app.jinja_env, each.template)
        said = dict(re.findall(r"{% block (title|to|because|until) %}(.*?){% endblock %}", text, re.S))
        for block, words in said.items():
            assert words == words.strip() and words, f"{each.name}: {block}"
            assert not re.search(r"[{}<>\n]|\.$|\d", words), f"{each.name}: {block} is “{words}”"
        assert said["title"][0].isupper() or said["title"].startswith("“"), each.name
        assert not any(said[block][0].isupper() for block in ("to", "because", "until")), each.name
