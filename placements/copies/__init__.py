"""The copy of an Agreement that one can keep, and whether a file is such a copy."""
