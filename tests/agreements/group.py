"""Ada and Bea work on the same challenge of tests/placing/scene.py, and may have one Agreement with a part each."""

from datetime import date
from typing import Any

from placements.agreements import actions, sharing
from placements.agreements.models import Agreement, Party
from placements.agreements.queries import versions_of
from placements.core.policy import Principal
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState
from placements.signing import sending
from tests import factories as make
from tests.agreements.scene import NAMES, OBJECTIVES, WORDS, evenly
from tests.factories import NOW
from tests.placing.scene import Scene

ADA, BEA = "Ada Okoro", "Bea Mate"


class Pair(Scene):
    """Both have accepted; Sue supervises and Tom tutors both."""

    def __init__(self) -> None:
        super().__init__(public_id="placement-pu")
        self.mate = self._somebody("Bea", "Mate")
        enrolled = make.enrolment(self.group, self.mate.person)
        said: dict[str, Any] = {"starts_on": date(2026, 11, 16), "created_at": NOW, "state": PlacementState.PREPARING}
        self.second = make.placement(enrolled, self.challenge, **said)

    def at(self, name: str) -> Placement:
        """Whose placement."""
        return self.placement if name == ADA else self.second

    def student_of(self, name: str) -> Principal:
        return Principal(self.at(name).enrolment.person_id)

    def newest(self, name: str) -> Agreement:
        return versions_of(self.at(name))[0]

    def join(self, name: str) -> None:
        sharing.join(self.at(name), actor=self.student_of(name), now=NOW)

    def write(self, name: str, **words: str) -> Agreement:
        """The student saves a draft with these words in it, and everything else that has to be there."""
        student = self.student_of(name)
        agreement = actions.start(self.at(name), actor=student, now=NOW)
        written = {**WORDS, **{key: text for key, text in agreement.words.items() if text in SHARED_WORDS}, **words}
        seen: dict[str, Any] = {"actor": student, "now": NOW}
        sharing.save_draft(agreement, written, OBJECTIVES, seen=agreement.edit_version, **seen)
        if not agreement.weeks:
            actions.save_weeks(agreement, evenly(self), seen=agreement.edit_version, **seen)
        return agreement

    def send(self, name: str) -> None:
        agreement, student = self.newest(name), self.student_of(name)
        sending.propose_together(agreement, seen=agreement.edit_version, actor=student, now=NOW)

    def ready(self) -> None:
        """Both are members and have written their parts."""
        for name in (ADA, BEA):
            self.join(name)
            self.write(name)

    def states(self, name: str) -> str:
        return " ".join(each.state.value for each in reversed(versions_of(self.at(name))))


SHARED_WORDS = ("A guide for both.", "Another guide.")
SIGNERS = {"supervisor": NAMES[Party.SUPERVISOR], "tutor": NAMES[Party.TUTOR]}
