"""The addresses that stand in mails, for whoever has the mail: they always work, and show nothing that was said."""

from flask import url_for

from placements.links.actions import lasting_token
from placements.mail.models import Message
from placements.people.models import Person

BY_LINK = "correspondence.by_link"
MUTE = "correspondence.mute"


def choices_of(person: Person) -> str:
    """Where somebody chooses what they get; who has an account is led on to sign in."""
    return url_for(BY_LINK, token=lasting_token(BY_LINK, person.id), _external=True)


def mute_of(message: Message) -> str:
    """Where one press mutes what in the message may be muted, for its recipient."""
    return url_for(MUTE, token=lasting_token(MUTE, message.id), _external=True)
