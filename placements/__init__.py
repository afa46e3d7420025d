"""Placements: AREAS is the module's year in order; what stands later may use what stands earlier.

Nothing is imported here: the solver's process belongs to this package too, and need not wait for a web application.
"""

SUPPORT = ("people", "history", "mail", "links", "files")
AREAS = (
    "accounts",
    "cohorts",
    "partners",
    "enquiries",
    "vetting",
    "challenges",
    "applications",
    "offers",
    "clearing",
    "proposals",
    "rounds",
    "allocation",
    "changes",
    "placing",
    "groups",
    "tutoring",
    "agreements",
    "attendance",
    "logbook",
    "reading",
    "concerns",
    "assessment",
    "impact",
    "directory",
)
READERS = ("home", "public", "reports", "demo")
