"""Where an earlier area wakes a later one; typed by hand, and kept to a handful."""

import importlib
import re
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).parents[2] / "placements"
HEARD_BY = {
    "cohorts.enrolment_began": {"allocation.look_after"},
    "cohorts.enrolment_left": {"offers._let_go", "proposals._let_go", "rounds._let_go", "placing.end_of"},
    "cohorts.tutor_changed": {"placing.follow_the_group"},
    "partners.site_moved": {"vetting.check_anew"},
    "partners.contact_left": {"challenges.hand_on", "placing.hand_over", "impact.ask_another", "confirming.take_back"},
    "offers.offer_accepted": {
        *("proposals._placed_elsewhere", "rounds._placed_otherwise", "placing.prepare_placement")
    },
}


def declared() -> list[tuple[str, str]]:
    """The file and the name of every signal that is declared anywhere."""
    return [
        (path.relative_to(ROOT).as_posix(), name)
        for path in sorted(ROOT.rglob("*.py"))
        for name in re.findall(r"^(\w+) = Signal\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]


def test_every_signal_and_who_hears_it_is_what_was_typed(app: Flask) -> None:
    found = {}
    for path, name in declared():
        area, file = path.split("/")
        assert file == "actions.py"
        signal = getattr(importlib.import_module(f"placements.{area}.actions"), name)
        heard = {f"{each.__module__.split('.')[1]}.{each.__name__}" for each in signal.receivers_for(None)}
        found[f"{area}.{name}"] = heard
    assert found == HEARD_BY
    assert len(HEARD_BY) < 7
