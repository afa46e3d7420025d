"""Uploads: hashed, kept outside any folder that is served, described by a row. The owning area serves them."""
