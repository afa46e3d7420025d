"""The Challenge Agreement: written by the student, signed by student, supervisor and tutor."""
