"""Who has a student's case made: the leaders of the run. A file is downloaded only by who asked for it.

What it holds is what that one leader may read, and another may not be let into the same concern.
"""

from datetime import datetime

from placements.assessment.policy import leads
from placements.cases.models import CaseExport
from placements.cases.workflow import ExportState
from placements.core.policy import Abilities, Principal, condition, state

ASKS = "cases.student"  # the ability that the history of case files is read by


@condition
def asked_for_it(who: Principal, export: CaseExport, now: datetime) -> bool:
    """Asked for this very file."""
    return who.person_id == export.asked_by_id


@state
def is_there(who: Principal, export: CaseExport, now: datetime) -> bool:
    """It was made and is not deleted yet."""
    return export.state is ExportState.MADE


ABILITIES: Abilities = {
    ASKS: leads,
    "cases.download": leads & asked_for_it & is_there,
}
