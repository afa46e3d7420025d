"""Everybody's own dates: on a page, and at an address that their calendar reads by itself."""
