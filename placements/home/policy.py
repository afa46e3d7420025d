"""Who may see a home page: everybody who is signed in, each their own."""

from placements.core.policy import Abilities, signed_in

ABILITIES: Abilities = {"home.next_up": signed_in}
