"""Briefs: drafted by an organisation, reviewed by a champion of their area, published to students."""
