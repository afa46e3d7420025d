"""Challenges and their risk."""

from typing import Any

from placements.challenges.models import BriefRisk, Challenge, WorkMode
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import (
    Theme,
)
from placements.partners.models import (
    ContactRole,
    Organisation,
)
from placements.people.models import Person
from placements.vetting.rules import Risk
from tests.factories.base import DAY, NOW, YEAR, add, changed, number
from tests.factories.partners import contact, organisation, site
from tests.factories.people import person


def challenge(of: Organisation | None = None, **said: Any) -> Challenge:
    n = next(number)
    of = of or organisation()
    said = {
        "form_key": f"challenge-{n}",
        "academic_year": YEAR,
        "state": ChallengeState.PUBLISHED,
        "title": f"Challenge {n}",
        "need": "Our food bank counts stock on paper and runs out of what people need.",
        "output": "A stock list that a volunteer can keep on a phone.",
        "theme": Theme.POVERTY,
        "places_min": 1,
        "places_max": 2,
        "mode": WorkMode.ON_SITE,
        "created_at": NOW - 60 * DAY,
        "published_at": NOW - 20 * DAY,
        **said,
    }
    if "supervisor" not in said:
        said["supervisor"] = contact(of, role=ContactRole.SUPERVISOR).person
    if "site" not in said:
        said["site"] = site(of)
    return add(Challenge(organisation=of, **said))


def brief_risk(of: Challenge, by: Person | None = None, **said: Any) -> BriefRisk:
    """Low, unless said otherwise; what was found before is changed."""
    low = dict.fromkeys(("work", "people", "residual"), Risk.LOW)
    said = {"challenge_id": of.id, "assessed_at": NOW - DAY, "assessed_by": by or person(), **low, **said}
    return changed(BriefRisk, BriefRisk.challenge_id == of.id, said)
