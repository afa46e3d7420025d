"""Who shares scripts out: the module leader. Who reads what a mark was: its marker and the module leader."""

from datetime import datetime
from typing import Any

from placements.assessment.models import Mark
from placements.assessment.policy import is_its_marker, leads, reads_mark
from placements.assessment.workflow import MarkState
from placements.core.policy import Abilities, Principal, state


@state
def is_to_be_marked(who: Principal, mark: Any, now: datetime) -> bool:
    """It has no mark yet that was submitted."""
    return isinstance(mark, Mark) and mark.state is MarkState.DRAFTED


@state
def evidence_is_open(who: Principal, mark: Any, now: datetime) -> bool:
    """Its evidence, which names the student, is not kept from its marker any more."""
    is_open = isinstance(mark, Mark) and (not mark.is_nameless or mark.state is not MarkState.DRAFTED)
    return is_open or leads(who, mark, now)


ABILITIES: Abilities = {
    "scripts.run": leads,
    "scripts.component": leads,
    "scripts.shares": leads,
    "scripts.share": leads,
    "scripts.give": leads & is_to_be_marked,
    "scripts.logbook": reads_mark & evidence_is_open,
    "scripts.versions": is_its_marker | leads,
}
