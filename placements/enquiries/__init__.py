"""What organisations first write to us, and what becomes of it: an organisation, another route, or an end."""
