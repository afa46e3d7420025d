"""What we tell people and when: every notice, what a run says its own way, and who will be written to on a day."""
