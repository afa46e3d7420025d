"""Marks from their release to the board that confirms them, and every export to the student record system."""
