"""When a student is expected, what becomes of each day, and when the tutor visits or calls."""
