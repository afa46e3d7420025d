"""Messages that staff write to many at once: to whom, in which words, when, and what became of each."""
