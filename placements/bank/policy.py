"""Everybody who marks has a bank of comments; a module leader shares theirs with the markers of a run."""

from placements.core.policy import Abilities, has_role

marks = has_role("group_tutor", "placement_tutor", "tutor", "marker", "leader")

ABILITIES: Abilities = {
    "bank.comments": marks,
    "bank.drop": marks,
    "bank.share": has_role("leader"),
    "bank.unshare": has_role("leader"),
}
