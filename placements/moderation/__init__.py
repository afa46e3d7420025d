"""Moderation: a sample by a rule that anybody can follow, read by somebody else, and what it does to the whole set."""
