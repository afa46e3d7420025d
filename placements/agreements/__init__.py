"""The Challenge Agreement: written by the student with the supervisor, a row a version."""
