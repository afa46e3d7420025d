"""Log entries, the ledger of confirmed hours, the supervisor's confirmation, the tutor's reading and grades."""
