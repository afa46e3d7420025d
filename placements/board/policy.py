"""Who releases marks, records the board, and exports: the module leader alone."""

from placements.assessment.policy import leads, on_its_mark
from placements.core.policy import Abilities
from placements.double_marking.policy import is_settled
from placements.moderation.policy import is_moderated

may_release = leads & on_its_mark("release") & is_settled & is_moderated
may_confirm = leads & on_its_mark("confirm")

ABILITIES: Abilities = {
    "board.run_marks": leads,
    "board.release": leads,
    "board.release_mark": may_release,
    "board.confirm": leads,
    "board.confirm_mark": may_confirm,
    "board.exports": leads,
    "board.download_export": leads,
}
