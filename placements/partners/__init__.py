"""Community organisations: their records, their sites and contacts, and the interests that people declare in them."""
