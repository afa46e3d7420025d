"""What supervisors say of their students, half way and at the end: asked for by link, read by the student, no mark."""
