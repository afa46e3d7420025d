"""Hostile posts over every form that somebody is shown: never a 500, the same on both databases."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from random import Random

import pytest
from flask import Flask

from placements.db import db
from tests.client import PageClient
from tests.page import Form
from tests.site.hostile import LEFT_OPEN, hostile_forms, hostile_problems, post_hostile
from tests.site.test_access import BY_TOKEN, endpoints, rows, url_of
from tests.site.world import PRINCIPALS, World, committed

pytestmark = pytest.mark.filterwarnings(LEFT_OPEN)

POSTS = 100
AT_LEAST = 3000
SEED = 20261020


@pytest.fixture(autouse=True)
def left_open_files_are_closed_here() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture
def world(database: Flask) -> World:
    with database.app_context():
        return committed()


def shown() -> list[tuple[str, str, str]]:
    """(endpoint, object, principal) for each page with a form: the first who is shown it."""
    found = []
    for row in rows():
        who = next((name for name in PRINCIPALS if row[name] == "200"), None)
        if who and row["object"] != BY_TOKEN:
            found.append((row["endpoint"], row["object"], who))
    return found


@pytest.mark.parametrize("view", shown(), ids="-".join)
def test_no_form_breaks(database: Flask, world: World, view: tuple[str, str, str]) -> None:
    endpoint, thing, principal = view
    rule = endpoints(database)[endpoint]
    if not {"GET", "POST"} <= (rule.methods or set()):
        return
    client = PageClient(database)
    if principal in world.accounts:
        client.sign_in_as(world.accounts[principal])
    url = url_of(rule, {"endpoint": endpoint, "object": thing}, world)
    problems = []
    for form in forms_of(client, url):
        for post in islice(hostile_forms(form, Random(SEED)), POSTS):
            with undone(database):
                answer = post_hostile(client, form, post)
            problems += [f"{post.label}: {each}" for each in hostile_problems(answer)]
    assert problems[:10] == []


def forms_of(client: PageClient, url: str) -> list[Form]:
    """The page's own forms that post to it."""
    return [form for form in client.page(url).forms if form.method == "post" and form.action.split("?")[0] == url]


@contextmanager
def undone(app: Flask) -> Iterator[None]:
    """What is done inside does not stay."""
    with app.app_context():
        savepoint = db.engine.begin_nested()  # type: ignore[attr-defined]  # the test's one connection
    try:
        yield
    finally:
        savepoint.rollback()


def test_there_are_enough_of_them(app: Flask) -> None:
    with_form = [view for view in shown() if {"GET", "POST"} <= (endpoints(app)[view[0]].methods or set())]
    assert len(with_form) * POSTS >= AT_LEAST
