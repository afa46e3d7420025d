"""The tutor's desk: the reading of logbooks, decisions about visits, grades, and what was handed in."""
