"""Early warning: which students and placements need somebody's look, why, and what was done about it."""
