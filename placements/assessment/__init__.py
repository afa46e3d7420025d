"""What is asked for and handed in, what it is worth by the rules, and what a student's marks come to."""
