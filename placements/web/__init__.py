"""Flask, and nothing about placements: routing with a compulsory ability, forms, errors, headers, navigation."""
