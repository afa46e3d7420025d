"""The demonstration: a believable cohort, played through the real actions, and signing in as anyone in it."""
