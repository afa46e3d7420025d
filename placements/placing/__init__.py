"""Placements: from an accepted offer to the last day."""
