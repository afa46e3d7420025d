"""Rounds: who gets which challenge, proven, explained, overridden with a reason, published."""
