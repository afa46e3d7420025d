"""What an external examiner reads of a run, by student number."""
