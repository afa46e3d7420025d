"""What the university checks of one placement: its DBS check, visa, adjustments, and what is risky for its student."""
