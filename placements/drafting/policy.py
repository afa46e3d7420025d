"""A draft is its student's: nobody else finds it."""

from placements.core.policy import Abilities, has_role

ABILITIES: Abilities = {
    "drafting.download": has_role("student"),  # only one's own is found
}
