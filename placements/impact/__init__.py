"""What came of the work: told by us, checked by the organisation, and shown to anybody if it agrees."""
