"""Who gives a mark and takes it back: whoever it was given to, or the student's tutor, and nobody with a side in it."""

from placements.assessment.policy import (
    deadline_has_passed,
    has_no_side_in_it,
    is_its_marker,
    is_not_fixed,
    on_its_mark,
    somebody_marked_it,
)
from placements.core.policy import Abilities, has_role

marks_it = is_its_marker & has_no_side_in_it

ABILITIES: Abilities = {
    "marking.queue": has_role("group_tutor", "placement_tutor", "tutor", "marker", "leader", "external"),
    "marking.mark": marks_it & deadline_has_passed & on_its_mark("draft"),
    "marking.reopen": marks_it & on_its_mark("reopen") & somebody_marked_it & is_not_fixed,
}
