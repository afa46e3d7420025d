"""Placements: AREAS is the module's year in order; what stands later may use what stands earlier.

Nothing is imported here: the solver's process belongs to this package too, and need not wait for a web application.
"""

SUPPORT = ("people", "history", "mail", "links", "files", "documents")
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
    "clearance",
    "groups",
    "tutoring",
    "agreements",
    "signing",
    "copies",
    "attendance",
    "logbook",
    "confirming",
    "reading",
    "feedback",
    "concerns",
    "assessment",
    "reassessment",
    "board",
    "examining",
    "watch",
    "impact",
    "closing",
    "directory",
)
READERS = ("home", "public", "reports", "demo")
