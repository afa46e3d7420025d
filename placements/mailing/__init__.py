"""What became of our mail: what waits, what failed and why, what came back, and how all of it stands."""
