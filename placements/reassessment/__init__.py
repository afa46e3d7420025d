"""What becomes of work that could not be done, or was not good enough: mitigation, reassessment, waivers, hours."""
