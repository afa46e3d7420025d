"""Who did what, to what, when and why. Ids, field names and reasons only: personal values stand where they can go."""
