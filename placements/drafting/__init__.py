"""Work that a student has begun and not handed in: its text and files, on the server, theirs alone."""
