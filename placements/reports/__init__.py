"""What the engagement team reads across areas: coverage against demand, the map of boroughs, what runs out."""
