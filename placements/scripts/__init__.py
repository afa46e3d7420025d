"""Who marks which script: shared out by load, changed by hand with a reason; how far marking is, and what it was."""
