"""Who answers for hours: the supervisor; who completes a placement: the tutor and the module leader."""

from placements.core.policy import Abilities, has_role
from placements.logbook.policy import may_judge, placement_of, supervises
from placements.logbook.workflow import ENTRY
from placements.placing.policy import of_its_placement
from placements.placing.workflow import PLACEMENT

ABILITIES: Abilities = {
    "confirming.confirm": has_role("supervisor"),
    "confirming.confirm_entry": supervises & ENTRY.can("confirm"),
    "confirming.query_entry": supervises & ENTRY.can("query"),
    "confirming.complete": may_judge & of_its_placement(PLACEMENT.can("complete"), placement_of),
}
