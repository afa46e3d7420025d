"""Worries, accidents and near misses: told by those on a placement, owned by somebody, on a clock, with an outcome."""
