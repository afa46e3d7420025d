"""What is the same for every round. True on paper."""

from enum import StrEnum

REASON_LENGTH = 500
GOOD_ENOUGH = {
    1: "Only a first choice is good enough",
    2: "A first or second choice is good enough",
    3: "Any of the first three choices is good enough",
    4: "Any of the first four choices is good enough",
    5: "Any of the first five choices is good enough",
    6: "Any of six choices is good enough: the least total rank",
}


class LeftOut(StrEnum):
    """Why a choice is not among a round's inputs."""

    NOT_OPEN = "not_open"  # to this student, when places were matched
    HOST = "host"  # its organisation said “not suitable”, and a module leader agreed
    NOT_FIT = "not_fit"  # what they told us they need: theirs alone to read
