"""Comments and the texts that they are put into."""

from collections.abc import Iterable


def added_to(text: str, comment: str) -> str:
    """The text with the comment beneath it, a line between; as it is where it holds the comment already."""
    if comment in text:
        return text
    return f"{text.rstrip()}\n\n{comment}" if text.strip() else comment


def newly_used(comments: Iterable[str], before: Iterable[str], after: Iterable[str]) -> set[str]:
    """Which of the comments stand in one of the texts after, and stood in none before."""
    was, now = list(before), list(after)
    return {
        comment
        for comment in comments
        if any(comment in text for text in now) and not any(comment in text for text in was)
    }
