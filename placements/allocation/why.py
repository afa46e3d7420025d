"""Why a student is not at a choice they ranked higher, as they are told it: true, and naming nobody. True on paper."""

from enum import StrEnum


class Told(StrEnum):
    """What the solver says (`solver.reasons.Why`), what its inputs never held (`rounds.rules.LeftOut`), and by hand."""

    UNPLACED = "unplaced"
    MOVED = "moved"
    LOWER = "lower"
    FEWER = "fewer"
    MORE = "more"
    KEENER = "keener"
    LOTTERY = "lottery"
    CLOSED = "closed"
    NEEDED = "needed"
    TAKEN = "taken"
    FORBIDDEN = "forbidden"
    LOCKED = "locked"
    NOT_OPEN = "not_open"
    HOST = "host"
    NOT_FIT = "not_fit"
    BY_HAND = "by_hand"  # staff changed the match afterwards


WORDS = {
    Told.UNPLACED: "With you there, at least one more student would have had no place at all.",
    Told.MOVED: "With you there, more students would have had to give up the place they had been offered.",
    Told.LOWER: "With you there, another student would have got a lower choice than the one that you have.",
    Told.FEWER: "With you there, fewer students in all would have had one of their better choices.",
    Told.MORE: "With you there, the others together would have lost more than you would have gained.",
    Told.KEENER: "It made no difference to students altogether, and organisations were better pleased as it is.",
    Told.LOTTERY: "It was a tie: it made no difference to anybody else altogether, so the lottery settled it.",
    Told.CLOSED: "It does not take place: too few students could be placed there.",
    Told.NEEDED: "With you there, a challenge that takes place would have had too few students.",
    Told.TAKEN: "Its places had been given out before this matching.",
    Told.FORBIDDEN: "Staff had decided that this place is not for you. Ask your module leader why.",
    Told.LOCKED: "Staff had fixed the place that you have before the matching.",
    Told.NOT_OPEN: "It was not open to you when places were matched.",
    Told.HOST: "Its organisation said that this would not be suitable, and a module leader agreed.",
    Told.NOT_FIT: "It does not fit what you told us you need. Only you are told this.",
    Told.BY_HAND: "Staff changed your match by hand, after the matching.",
}
TO_STAFF = {
    Told.UNPLACED: "At least one more student would have no place.",
    Told.MOVED: "More students would have to leave the place that they have been offered.",
    Told.LOWER: "Another student would get a lower choice than this one has.",
    Told.FEWER: "Fewer students in all would have one of their better choices.",
    Told.MORE: "The others together would lose more than this one would gain.",
    Told.KEENER: "It makes no difference to students, and organisations are better pleased as it is.",
    Told.LOTTERY: "It makes no difference at all, so the lottery settled it.",
    Told.CLOSED: "It does not take place: too few could be placed there.",
    Told.NEEDED: "A challenge that runs would have too few students.",
    Told.TAKEN: "Its places were given out before.",
    Told.FORBIDDEN: "Staff keep the two apart.",
    Told.LOCKED: "Staff locked this student to the place that they have.",
}
