"""Signed links: one purpose, one holder, an expiry. GET shows, POST spends; no usable token is ever stored."""
