"""What a round is run on: whose students, which places, who is locked to what, and what staff change for it."""
