"""Second marking: blind until both marks are in, then agreed by rule, by the two, or by a third marker."""
