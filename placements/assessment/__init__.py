"""What is handed in, its marks, their release, the board, and the export to the student record system."""
