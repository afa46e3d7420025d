"""What a verb may answer instead of acting. Each holds one sentence for the person who asked; web.errors shows it."""


class Refused(Exception):
    """A rule says no (409). `field` names the form field that the sentence belongs to, if one does."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class Conflict(Refused):
    """Somebody else changed the same text first (409): both versions are shown, neither is lost."""


class NotAllowed(Exception):
    """This person may not do this to a thing that they may see (403)."""
