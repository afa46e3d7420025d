"""A post without its token changes nothing, but for those named here by hand."""

import pytest
from flask import Flask
from flask_wtf.csrf import CSRFProtect

from tests.client import PageClient, counting_queries
from tests.site.routes import endpoints

ACT_WITHOUT = {  # the one press of a mail program that ends a newsletter, or a kind of notice (RFC 8058)
    "enquiries.leave_newsletter",
    "correspondence.mute",
}


def posts(app: Flask) -> list[str]:
    """An address of everything of ours that can be posted to, with no thing behind it."""
    rules = [rule for rule in endpoints(app).values() if "POST" in (rule.methods or set())]
    built = [rule.build(dict.fromkeys(rule.arguments, "x"), append_unknown=False) for rule in rules]
    assert None not in built
    return [each[1] for each in built if each]


def exempt(app: Flask) -> set[str]:
    """The endpoints that act without a token."""
    csrf: CSRFProtect = app.extensions["csrf"]
    return {
        name
        for name, view in app.view_functions.items()
        if f"{view.__module__}.{view.__name__}" in csrf._exempt_views or view.__module__ in csrf._exempt_blueprints
    }


def test_only_those_named_act_without_a_token(app: Flask) -> None:
    assert exempt(app) == ACT_WITHOUT
    assert app.extensions["csrf"]._exempt_blueprints == set()
    assert app.config.get("WTF_CSRF_ENABLED", True)
    assert app.config.get("WTF_CSRF_CHECK_DEFAULT", True)


def test_one_more_would_be_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    view = app.view_functions["public.enquire"]
    more = {*app.extensions["csrf"]._exempt_views, f"{view.__module__}.{view.__name__}"}
    monkeypatch.setattr(app.extensions["csrf"], "_exempt_views", more)
    assert exempt(app) - ACT_WITHOUT == {"public.enquire"}


def test_every_other_post_without_a_token_is_refused_before_anything_is_read(
    database: Flask, client: PageClient
) -> None:
    with database.app_context():
        addresses = posts(database)
    free = [address for address in addresses if address.startswith(("/newsletter/leave/", "/your-mail/mute/"))]
    assert len(addresses) > 100
    assert len(free) == len(ACT_WITHOUT)
    for address in sorted({*addresses} - {*free}):
        with counting_queries() as asked:
            assert client.post(address, data={"x": "y"}).status_code == 400, address
        assert asked.written == set(), address
