"""Who may see what gathers things for its reader: everybody their own home, and the placements that they may see."""

from placements.core.policy import Abilities, signed_in

ABILITIES: Abilities = {
    "home.next_up": signed_in,
    "home.placement": signed_in,  # whoever sees it
}
