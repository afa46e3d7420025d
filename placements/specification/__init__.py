"""How a run is assessed: what each component counts, by which rules and rubric it is marked, since when."""
