"""What an external examiner may read: everything of the run, by number, and nothing else."""

from datetime import datetime
from typing import Any

from placements.assessment.policy import run_id_of
from placements.core.policy import Abilities, Principal, condition


@condition
def examines(who: Principal, thing: Any, now: datetime) -> bool:
    """Is an external examiner of the run."""
    return who.has("external", run_id_of(thing))


ABILITIES: Abilities = {
    "examining.scripts": examines,
    "examining.script": examines,
}
