"""Who reads what we write, changes it for a run, and looks ahead."""

from placements.cohorts.policy import is_not_closed, is_on_its_team, leads
from placements.core.policy import Abilities, has_role

writes_to_people = has_role("leader", "tutor", "moderator", "engagement", "safeguarding", "administrator")
looks_ahead = has_role("leader", "tutor", "engagement")

ABILITIES: Abilities = {
    "reminding.registry": writes_to_people,
    "reminding.notice": writes_to_people,
    "reminding.run": is_on_its_team,
    "reminding.edit": leads & is_not_closed,
    "reminding.restore": leads & is_not_closed,
    "reminding.ahead": looks_ahead,
}
