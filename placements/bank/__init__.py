"""Comments that a marker keeps for the next script, and those that a run's leader shares with all of its markers."""
