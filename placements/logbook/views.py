"""The pages of a logbook: the student's own log, one visit, and what shows it."""

from placements.logbook import evidence_views
from placements.logbook.student_views import logbook

__all__ = ["evidence_views", "logbook"]
