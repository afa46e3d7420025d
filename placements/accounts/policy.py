"""Who may do what with accounts."""

from placements.core.policy import Abilities, anyone, signed_in

ABILITIES: Abilities = {
    "public": anyone,
    "accounts.me": signed_in,
    "accounts.change_password": signed_in,
}
