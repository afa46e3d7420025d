"""Everybody chooses about their own mail, signed in or by the address in each mail."""

from placements.core.policy import Abilities, signed_in

ABILITIES: Abilities = {
    "correspondence.yours": signed_in,
}
