"""Matches put to students with a deadline, and who waits for one or still needs one."""
