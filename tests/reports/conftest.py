"""A report as the engagement team sees it."""

from collections.abc import Callable

import pytest
from flask import Flask

from placements.accounts.models import GlobalRole
from tests import factories as make
from tests.client import PageClient
from tests.databases import seeding
from tests.page import Page

Show = Callable[..., Page]


@pytest.fixture
def show(database: Flask, client: PageClient) -> Show:
    """Make what is given, then open the address as an officer."""

    def page(url: str, *make_them: Callable[[], object]) -> Page:
        with seeding(database):
            for each in make_them:
                each()
            officer = make.account(None, GlobalRole.ENGAGEMENT)
        client.sign_in_as(officer)
        return client.page(url)

    return page
