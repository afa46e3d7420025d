"""Who reads the reports of the engagement team."""

from placements.core.policy import Abilities, has_role

reads = has_role("engagement", "leader")

ABILITIES: Abilities = {
    "reports.coverage": reads,
    "reports.boroughs": reads,
    "reports.expiries": reads,
    "reports.export_expiries": reads,
}
