"""Log entries, what shows them, and the ledger of their hours; the student's own pages."""
