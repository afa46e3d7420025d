"""Who gets which challenge: attempts at a round, their results and reasons, the matches, and telling everybody."""
