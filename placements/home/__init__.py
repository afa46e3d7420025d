"""Each person's first page: what needs them next, and the state of what they look after."""
