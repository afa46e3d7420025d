"""The tutor's desk."""

from placements.people.models import Person
from placements.reading.models import CommentPhrase
from tests.factories.base import add


def phrase(of: Person, text: str) -> CommentPhrase:
    return add(CommentPhrase(owner=of, text=text))
