"""Finding places for those who need one: the clearing list, what its students ask for, places given by hand."""
