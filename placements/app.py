"""The application, put together from its areas."""

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType

from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from placements import AREAS, READERS, SUPPORT
from placements.accounts.queries import load_principal
from placements.accounts.security import init_security
from placements.attendance.queries import away_on
from placements.cohorts.queries import closed_days
from placements.config import ROOT, Settings
from placements.core.clock import today
from placements.core.policy import gather
from placements.correspondence.addresses import choices_of, mute_of
from placements.db import db, init_db
from placements.mail.choosing import Doors, init_choosing
from placements.mail.gathering import Calendar, init_gathering
from placements.mail.notices import init_notices
from placements.story import init_story, story_now
from placements.web.area import Area
from placements.web.arrival import init_arrival
from placements.web.assets import init_assets
from placements.web.errors import init_errors
from placements.web.filters import init_filters
from placements.web.headers import init_headers, static_headers
from placements.web.limits import init_limits
from placements.web.lists import urls_of
from placements.web.navigation import init_navigation
from placements.web.site import Site, init_site, now


def create_app(settings: Settings | None = None) -> Flask:
    """The application for one database. Raises ValueError at once where the areas do not fit together."""
    settings = settings or Settings.from_environment()
    app = Flask(
        "placements",
        static_folder=None,
        template_folder=str(ROOT / "templates"),
        instance_path=str(settings.instance.resolve()),
    )
    app.config.from_mapping(settings.flask())
    app.extensions["placements.settings"] = settings
    for package in SUPPORT:
        _module(package, "models")
    importlib.import_module("placements.leases")  # its table is of this database, whoever uses it
    areas = list(_areas())
    init_db(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    init_limits(app)
    init_errors(app)
    csrf = CSRFProtect(app)
    _init_templates(app)
    init_story(app)
    policies = [_module(area, "policy") for area in (*AREAS, *READERS)]
    app.extensions["placements.roles_of"] = tuple(
        part for part in (getattr(policy, "roles_of", None) for policy in policies) if part is not None
    )
    init_site(app, _site(app, policies))
    init_arrival(app, proxy_tells=settings.is_production and settings.proxy_tells_arrival)
    init_headers(app, is_production=settings.is_production)
    init_security(app, hash_is_cheap=settings.password_hash_is_cheap)
    init_filters(app)
    init_navigation(app, areas)
    for area in areas:
        app.register_blueprint(area)
        for endpoint, guard in area.guards.items():
            if guard.one_click:
                csrf.exempt(app.view_functions[endpoint])
    declared = [_module(area, "notices") for area in AREAS]
    init_notices(
        app,
        [notice for module in declared for notice in getattr(module, "NOTICES", ())],
        [reminder for module in declared for reminder in getattr(module, "REMINDERS", ())],
    )
    init_gathering(app, Calendar(closed_days, away_on))
    init_choosing(app, Doors(choices_of, mute_of))
    init_assets(app, static_headers)
    if settings.is_production:  # one proxy stands before it, and alone says who asks and how
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    return app


def _module(area: str, name: str) -> ModuleType | None:
    """An area's file of that name; areas have only those they need."""
    path = f"placements.{area}.{name}"
    return importlib.import_module(path) if importlib.util.find_spec(path) else None


def _areas() -> Iterator[Area]:
    for area in (*AREAS, *READERS):
        _module(area, "models")
        views = _module(area, "views")
        if views is not None:
            yield getattr(views, area)


def _site(app: Flask, policies: Sequence[ModuleType | None]) -> Site:
    return Site(
        abilities=gather(getattr(policy, "ABILITIES", {}) for policy in policies),
        load_principal=lambda: load_principal(app.extensions["placements.roles_of"], today(now())),
        story_now=story_now,
        sign_in_endpoint="security.login",
    )


def _init_templates(app: Flask) -> None:
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    loader = app.jinja_loader
    assert loader is not None
    app.jinja_loader = ChoiceLoader(
        [
            loader,
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    settings: Settings = app.extensions["placements.settings"]
    app.jinja_env.add_extension("jinja2.ext.do")
    # What long lists save by: no url_for in each row, and a macro drawn once for each thing that it says.
    app.jinja_env.globals.update(urls_of=urls_of, drawn_once=cache)
    app.jinja_env.globals.update(site_address=settings.base_url, emergency_phone=settings.emergency_phone)
