"""`python -m placements` is the command line."""

from placements.commands import main

main()
