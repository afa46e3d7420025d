"""What becomes of a group that one of its students has left."""
