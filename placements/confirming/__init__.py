"""The supervisor's answers about hours: the weekly mail, confirming and asking; completing a placement."""
