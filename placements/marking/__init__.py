"""Marking by the rubric: what is one's to mark, the marking page, a mark and taking it back."""
