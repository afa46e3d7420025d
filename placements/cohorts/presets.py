"""What a new run starts from where no earlier one is copied: its groups, and each component's rubric (rubrics.toml)."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from placements.cohorts.rules import ComponentKind

CHECKPOINTS = (("Mid-point", False), ("Final check", True))  # when logbooks are graded; whether it is the final one
GROUPS = (("A", "Wednesday afternoon"), ("B", "Friday morning"))  # the module specification's timeslots


@dataclass(frozen=True)
class CriterionPreset:
    """One line of a rubric: its share of the component in per cent, and by level what work of each band shows."""

    title: str
    weight: int
    is_about_logbook: bool = False
    level_5: dict[str, str] | None = None
    level_6: dict[str, str] | None = None

    def bands(self, level: int) -> dict[str, str]:
        """Lowest mark of the band → what work of that band shows, at Level 5 or 6; empty where nobody marks it."""
        return dict((self.level_5 if level == 5 else self.level_6) or {})


_KEPT = tomllib.loads(Path(__file__).with_name("rubrics.toml").read_text(encoding="utf-8"))
RUBRICS = {kind: tuple(CriterionPreset(**line) for line in _KEPT[kind.value]) for kind in ComponentKind}
