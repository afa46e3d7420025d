"""Totals that tell nothing of one student."""

LEAST = 5


def at_least(count: int) -> str:
    """The count where it is large enough to be said: “under 5”, “12”."""
    return str(count) if count >= LEAST else f"under {LEAST}"


QUESTIONS = {  # what every report is asked, by the name under which its answer is kept
    "standards": "Are the standards comparable with those elsewhere?",
    "marking": "Is the marking fair and consistent, and the feedback of use?",
    "changes": "What should change?",
    "practice": "What is good practice, to be kept or passed on?",
    "scripts": "Comments on single scripts, by student number (optional)",
}
