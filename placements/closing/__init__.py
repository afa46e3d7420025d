"""The end: a record for the student, thanks and a certificate for the organisation, and “again next year?”."""
