"""Finding challenges and ranking up to six of them."""
