"""The list of organisations as a whole: adding, bringing in and sending out lists, and finding who is there twice."""
