"""Matches put to students with a deadline, and the clearing list of those who still need a place."""
