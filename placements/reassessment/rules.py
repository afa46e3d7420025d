"""What is written down of a claim, and the words of the tasks that a run starts with."""

from dataclasses import dataclass
from datetime import date, time

DUE_TIME = time(15)  # London; university coursework page

INSTEAD = {  # by kind of component: title, and what is asked; ours, and each run may write its own
    "agreement": (
        "A challenge for a community organisation",
        "Choose one of the challenges of this module, from any organisation. In 1,000 words, write what an agreement "
        "about it would say: what the organisation needs, three objectives, what you would do week by week, what would "
        "be left at the end, and how it would be seen whether it helped.\n\nYou need no placement for it, and nobody "
        "outside the university has to sign anything.",
    ),
    "portfolio": (
        "A portfolio without a placement",
        "In 2,500 words, show what you learned about working with a community. Draw on what you did in the time that "
        "you had, if any, and on one published case of an organisation that faces one of the six challenges.\n\nSay "
        "what was needed and how you know, what was done or should be, what came of it, and what you would do next. "
        "Where the rubric asks for evidence of a logbook, reflect on the case instead.",
    ),
}


@dataclass(frozen=True)
class Claimed:
    """What is written down of a claim; `late_reason`: why it is accepted after its last day, empty where it is not."""

    reference: str
    claimed_on: date
    late_reason: str
    form_key: str
