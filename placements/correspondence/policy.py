"""Everybody chooses about their own mail, signed in or by the address in each mail; whose others see: `sight.py`."""

from placements.core.policy import Abilities, signed_in

ABILITIES: Abilities = {
    "correspondence.yours": signed_in,
    "correspondence.person": signed_in,  # whoever may look at their mail
    "correspondence.export_person": signed_in,
    "correspondence.message": signed_in,
}
