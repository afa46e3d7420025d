"""The directions of the house, held over our own sources and proven by trees with one wrong import each."""

from pathlib import Path

import pytest

from tests.site.directions import ALSO, LAYER, READERS, SUPPORT, direction_problems, read_tree

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2] / "placements"

# A small house that keeps every rule.
HOUSE = {
    "__init__": 'AREAS = ("early", "late")',
    "app": 'import importlib\nfrom placements import AREAS\nfrom placements.web.area import Area\nimportlib.import_module("x")',
    "config": "import os",
    "db": "import sqlalchemy\nfrom placements.config import Settings",
    "worker": "from placements.app import create_app\nfrom placements.mail.actions import deliver",
    "core.policy": "from dataclasses import dataclass\nfrom placements.core import errors",
    "core.errors": "",
    "solver.instance": "import hashlib",
    "solver.network": "import numpy\nfrom placements.solver.instance import Instance",
    "web.area": "import flask\nfrom placements.core import policy\nfrom placements.db import db",
    "people.models": "from placements.db import db",
    "history.models": "from placements.people.models import Person",
    "mail.actions": "from placements.people.models import Person",
    "early.rules": "import decimal\nfrom placements.solver.instance import Instance\nfrom placements.core.policy import Principal",
    "early.workflow": "from enum import StrEnum",
    "early.models": "import sqlalchemy\nfrom placements.early import rules, workflow\nfrom placements.people.models import Person",
    "early.policy": "from placements.early.models import Thing",
    "early.queries": "from placements.early import policy\nfrom placements.db import db",
    "early.notices": "from placements.early.queries import due\nfrom placements.mail.actions import tell",
    "early.actions": "from placements.early import notices\nfrom placements.mail import actions",
    "early.forms": "from placements.early import rules\nfrom placements.web.area import Form",
    "early.views": "from placements.early import actions, forms\nfrom placements.web.area import Area",
    "late.models": "from placements.early.models import Thing",
    "late.actions": "from placements.early import actions, queries\nfrom placements.late.models import Other",
    "late.views": "from placements.early.queries import things",
    "home.queries": "from placements.late.models import Other",
    "home.views": "from placements.home.queries import rows\nfrom placements.early import actions",
}

# the module the import is planted in, the planted source, and what must be said
FAULTS = {
    "an earlier area uses a later": (
        "early.models",
        "from placements.late.models import Other",
        "late comes later than early",
    ),
    "by another spelling": ("early.models", "import placements.late.models", "late comes later than early"),
    "and another": ("early.models", "from placements.late import models", "late comes later than early"),
    "rules use models": ("early.rules", "from placements.early.models import Thing", "rules may not use models"),
    "rules use SQLAlchemy": ("early.rules", "import sqlalchemy", "only the standard library"),
    "rules use an earlier area": (
        "late.rules",
        "from placements.early.rules import x",
        "rules may not use rules of an earlier",
    ),
    "rules use the database": ("early.rules", "from placements.db import db", "rules may not use db"),
    "rules use Person": (
        "early.rules",
        "from placements.people.models import Person",
        "rules may not use models of a support",
    ),
    "an area loads what runs apart": (
        "early.actions",
        "from placements.solver.network import flow",
        "have it run apart",
    ),
    "the solver knows an area": (
        "solver.instance",
        "from placements.early.rules import x",
        "solver may import only solver",
    ),
    "the solver knows the core": (
        "solver.instance",
        "from placements.core import policy",
        "solver may import only solver",
    ),
    "a workflow uses Flask": ("early.workflow", "from flask import g", "only the standard library"),
    "models use queries": (
        "early.models",
        "from placements.early import queries",
        "models may not use queries of its own",
    ),
    "models use actions of support": (
        "early.models",
        "from placements.mail.actions import tell",
        "models may not use actions of a support",
    ),
    "policy uses queries": ("early.policy", "from placements.early.queries import x", "policy may not use queries"),
    "queries use actions": ("early.queries", "from placements.early import actions", "queries may not use actions"),
    "queries use the web": ("early.queries", "from placements.web.area import x", "queries may not use web"),
    "notices use actions": ("early.notices", "from placements.early import actions", "notices may not use actions"),
    "actions use forms": ("early.actions", "from placements.early.forms import Form", "actions may not use forms"),
    "actions use the web": ("early.actions", "from placements.web.area import now", "actions may not use web"),
    "forms use actions": ("early.forms", "from placements.early.actions import act", "forms may not use actions"),
    "views use the database": ("early.views", "from placements.db import db", "views may not use db"),
    "views act for another area": (
        "late.views",
        "from placements.early.actions import act",
        "views may not use actions of an earlier",
    ),
    "another area's views": ("late.views", "from placements.early.views import early", "views are private"),
    "another area's forms": ("late.forms", "from placements.early.forms import Form", "forms are private"),
    "another area's notices": ("late.actions", "from placements.early.notices import say", "notices are private"),
    "another area's package": ("late.actions", "from placements.early import anything", "not a row of an earlier area"),
    "an area's front imports": ("early", "from placements.early.models import Thing", "__init__ imports nothing"),
    "core uses SQLAlchemy": ("core.policy", "import sqlalchemy", "only the standard library"),
    "core uses Flask": ("core.policy", "from flask import g", "only the standard library"),
    "core uses an area": ("core.policy", "from placements.early.rules import x", "core may import only core"),
    "core uses the database": ("core.policy", "from placements.db import db", "core may import only core"),
    "the web uses an area": ("web.area", "from placements.early.models import Thing", "web may import only"),
    "the web uses Person": ("web.area", "from placements.people.models import Person", "web may import only"),
    "support uses an area": ("mail.actions", "from placements.early.models import Thing", "mail may import only"),
    "support uses later support": (
        "people.models",
        "from placements.mail.actions import tell",
        "people may import only",
    ),
    "the database uses an area": ("db", "from placements.early.models import Thing", "db may import only"),
    "an area uses a reader": ("late.queries", "from placements.home.queries import rows", "nobody uses a reader"),
    "support uses a reader": ("mail.actions", "from placements.home.queries import rows", "nobody uses a reader"),
    "a reader uses a reader": ("public.views", "from placements.home.queries import rows", "nobody uses a reader"),
    "a reader uses views": ("home.views", "from placements.early.views import early", "private to their area"),
    "a reader owns tables": ("home.models", "", "a reader owns no tables"),
    "somebody uses the worker": ("late.actions", "from placements.worker import run", "nobody imports it"),
    "somebody uses create_app": ("late.actions", "from placements.app import create_app", "nobody imports it"),
    "the package needs Flask": ("__init__", 'import flask\nAREAS = ("early", "late")', "only the standard library"),
    "the package needs the rest": (
        "__init__",
        'from placements.db import db\nAREAS = ("early", "late")',
        "may import only nothing of ours",
    ),
    "inside a function": ("early.actions", "def act():\n    from placements.early import queries", "inside a function"),
    "inside a method": ("early.models", "class A:\n    def b(self):\n        import json", "inside a function"),
    "by a name made at run time": (
        "early.actions",
        'import importlib\nimportlib.import_module("x")',
        "made at run time",
    ),
    "by the built-in": ("early.actions", '__import__("x")', "made at run time"),
    "relative": ("early.actions", "from . import queries", "relative"),
    "only for the type checker": (
        "early.models",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from placements.late.models import Other",
        "late comes later than early",
    ),
    "an unknown folder": ("common.text", "", "common/ is no known package"),
    "an unknown file of an area": ("early.helpers", "", "early.helpers is no row"),
    "an unknown file beside the packages": ("helpers", "", "has no place beside the packages"),
    "a circle": (
        "core.errors",
        "from placements.core import policy",
        "a circle among placements.core.errors, placements.core.policy",
    ),
    "an area without a folder": ("__init__", 'AREAS = ("early", "late", "gone")', "AREAS names gone"),
}


def build(root, files):
    for name, source in files.items():
        path = root.joinpath(*name.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return read_tree(root)


def test_our_own_imports_keep_the_directions():
    assert direction_problems(read_tree(ROOT)) == []


def test_a_house_that_keeps_the_rules_has_no_problem(tmp_path):
    assert direction_problems(build(tmp_path, HOUSE)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_import_is_found(tmp_path, fault):
    name, source, said = FAULTS[fault]
    build(tmp_path, HOUSE)
    found = direction_problems(build(tmp_path, {name: source}))
    assert any(said in problem for problem in found), found


def test_a_file_with_the_rights_of_a_row_is_held_to_them(tmp_path, monkeypatch):
    monkeypatch.setitem(LAYER, "placements.early.marking", "actions")
    files = {
        **HOUSE,
        "early.marking": "from placements.early import actions, queries",
        "early.views": "from placements.early import marking",
    }
    assert direction_problems(build(tmp_path / "good", files)) == []
    files["early.marking"] = "from placements.early import forms"
    assert direction_problems(build(tmp_path / "bad", files)) == [
        "placements.early.marking:1 imports placements.early.forms: actions may not use forms of its own area"
    ]


def test_every_exception_is_still_needed(monkeypatch):
    tree = read_tree(ROOT)
    assert [name for name in (*LAYER, *ALSO) if name not in tree.modules] == []
    monkeypatch.setattr("tests.site.directions.ALSO", {})
    found = "\n".join(direction_problems(tree))
    unneeded = [
        (name, target) for name, targets in ALSO.items() for target in targets if f" imports {target}" not in found
    ]
    assert unneeded == []


def test_areas_are_neither_support_nor_readers():
    areas = read_tree(ROOT).areas
    assert areas
    assert not {*areas} & {*SUPPORT, *READERS}
