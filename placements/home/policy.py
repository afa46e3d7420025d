"""Who may see what gathers things for its reader: their own home, and placements and organisations that they see."""

from placements.challenges.policy import follows
from placements.core.policy import Abilities, signed_in

ABILITIES: Abilities = {
    "home.next_up": signed_in,
    "home.placement": signed_in,  # whoever sees it
    "home.organisation": signed_in,  # whoever sees it
    "home.outcome": follows,  # of a challenge: whoever followed it from the first draft on
}
