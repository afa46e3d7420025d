"""Whoever is signed in has dates of their own; whoever has the address of a calendar reads it."""

from placements.core.policy import Abilities, signed_in

ABILITIES: Abilities = {
    "calendar.yours": signed_in,
    "calendar.make_address": signed_in,
    "calendar.renew_address": signed_in,
    "calendar.end_address": signed_in,
}
