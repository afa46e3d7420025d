"""Everybody we know by name: students, staff, organisations' contacts and supervisors. An account is optional."""
