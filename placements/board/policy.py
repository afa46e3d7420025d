"""Who releases marks, withholds them, records the board, corrects and exports: the module leader alone."""

from datetime import datetime

from placements.assessment.models import Mark
from placements.assessment.policy import leads, on_its_mark
from placements.board.workflow import STAGED
from placements.core.policy import Abilities, Principal, state
from placements.double_marking.policy import is_settled
from placements.moderation.policy import is_moderated


@state
def is_withheld(who: Principal, mark: Mark, now: datetime) -> bool:
    """Nobody outside learns it at present."""
    return mark.withheld_at is not None


@state
def is_not_withheld(who: Principal, mark: Mark, now: datetime) -> bool:
    """It takes its course."""
    return mark.withheld_at is None


WITHHOLDS = "board.mark"  # the ability that what is written down of a withheld mark is read by

may_release = leads & on_its_mark("release") & is_settled & is_moderated & is_not_withheld
may_confirm = leads & on_its_mark("confirm")

ABILITIES: Abilities = {
    "board.run_marks": leads,
    "board.release": leads,
    "board.release_mark": may_release,
    WITHHOLDS: leads,
    "board.withhold": leads & on_its_mark("withhold") & is_not_withheld,
    "board.end_withholding": leads & is_withheld,
    "board.cancel": leads & STAGED.can("cancel"),
    "board.confirm": leads,
    "board.confirm_mark": may_confirm,
    "board.exports": leads,
    "board.download_export": leads,
}
