"""The tutor's desk: the reading of logbooks, decisions about visits, and grades on the way."""
