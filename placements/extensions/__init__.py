"""Later deadlines of single students: for an agreed adjustment, or for what the university is to answer for."""
