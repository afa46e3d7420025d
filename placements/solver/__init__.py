"""The allocation on paper: an instance in, its one best placing and the proof of it out. No site, no database."""
