"""What a new run starts from where no earlier one is copied: groups, and for each component its rubric (ours).

A rubric's bands go by the lowest mark of each; every word can be changed by the module leader afterwards.
"""

from dataclasses import dataclass

from placements.cohorts.rules import ComponentKind

BANDS = ("70", "60", "50", "40", "0")  # first, upper second, lower second, third, fail (norm)
GROUPS = (("A", "Wednesday afternoon"), ("B", "Friday morning"))  # the module specification's timeslots


@dataclass(frozen=True)
class CriterionPreset:
    """One line of a rubric: its share of the component in per cent, and what work of each band shows."""

    title: str
    weight: int
    levels: dict[int, tuple[str, ...]]  # 5 or 6 → one sentence for each of BANDS
    is_about_logbook: bool = False

    def bands(self, level: int) -> dict[str, str]:
        """Lowest mark of the band → what work of that band shows; empty where nobody marks it."""
        return dict(zip(BANDS, self.levels[level], strict=True)) if self.levels else {}


RUBRICS = {
    ComponentKind.AGREEMENT: (
        CriterionPreset(
            "The challenge, defined together",
            40,
            {
                5: (
                    "States the challenge exactly, with evidence from the organisation and beyond, and why it matters.",
                    "States the challenge clearly, with evidence from the organisation.",
                    "Describes the challenge; the organisation's own view of it is present but thin.",
                    "Names a challenge, broadly described.",
                    "No challenge that the organisation would recognise.",
                ),
                6: (
                    "A precise challenge argued from the organisation's evidence and research, its limits weighed.",
                    "A clear challenge, supported by evidence and some research, with its limits named.",
                    "A clear challenge with some evidence; causes are described more than questioned.",
                    "A challenge that is named but loosely bounded and little supported.",
                    "No challenge that the organisation would recognise.",
                ),
            },
        ),
        CriterionPreset(
            "Objectives and plan",
            35,
            {
                5: (
                    "Objectives can each be checked; the plan fits the hours and says who does what by when.",
                    "Clear objectives and a plan that fits the hours.",
                    "Sensible objectives; parts of the plan are general.",
                    "Objectives and plan are there, and hard to check.",
                    "No objectives or no plan.",
                ),
                6: (
                    "Objectives follow from the analysis, can be measured, and the plan answers its own risks.",
                    "Measurable objectives, a realistic plan, and the main risks named.",
                    "Sensible objectives and plan; measures or risks are partly missing.",
                    "Objectives and plan are there, and hard to measure.",
                    "No objectives or no plan.",
                ),
            },
        ),
        CriterionPreset(
            "Working responsibly",
            25,
            {
                5: (
                    "Foresees questions of consent, safety and fairness here, and says what will be done.",
                    "Names the questions of consent, safety and fairness that matter here.",
                    "Names general duties; few are tied to this placement.",
                    "Mentions conduct in passing.",
                    "Overlooks duties that the placement plainly brings.",
                ),
                6: (
                    "Weighs the ethics and power of this piece of work, and sets out how each is handled.",
                    "Discusses the ethical questions of this placement with a response to each.",
                    "Identifies relevant duties; the response to them is general.",
                    "Lists duties with little bearing on this placement.",
                    "Overlooks duties that the placement plainly brings.",
                ),
            },
        ),
    ),
    # The supervisor comments under these headings; nobody marks them.
    ComponentKind.FEEDBACK: (
        CriterionPreset("Reliability and conduct", 25, {}),
        CriterionPreset("Working with people", 25, {}),
        CriterionPreset("Contribution to the challenge", 25, {}),
        CriterionPreset("Learning and initiative", 25, {}),
    ),
    ComponentKind.PORTFOLIO: (
        CriterionPreset(
            "Understanding of the challenge",
            20,
            {
                5: (
                    "Explains causes and setting with well-chosen sources, and whom the challenge touches.",
                    "Explains causes and setting with suitable sources.",
                    "Describes the challenge with some sources; causes are partly explained.",
                    "Describes the challenge with few sources.",
                    "Little understanding of the challenge.",
                ),
                6: (
                    "A critical account of causes, setting and competing views, grounded in research.",
                    "Analyses causes and setting, using research with some critical distance.",
                    "Explains the challenge with research that is reported more than questioned.",
                    "Describes the challenge with little research.",
                    "Little understanding of the challenge.",
                ),
            },
        ),
        CriterionPreset(
            "Work done and what came of it",
            25,
            {
                5: (
                    "The organisation can use the result as it is; every choice is explained by its needs.",
                    "A useful result, with its main choices explained.",
                    "A result that the organisation can partly use; some choices are explained.",
                    "Some work done, of limited use.",
                    "No result, or none that relates to the challenge.",
                ),
                6: (
                    "A result in use or ready for it, evaluated against the objectives, with what should come next.",
                    "A useful result, evaluated against the objectives.",
                    "A useful result in part; the evaluation is mostly description.",
                    "Some work done, hardly evaluated.",
                    "No result, or none that relates to the challenge.",
                ),
            },
        ),
        CriterionPreset(
            "Logbook: what was done, and the evidence of it",
            20,
            {
                5: (
                    "Complete and prompt; each activity is specific and tied to an objective, with evidence.",
                    "Complete; activities are specific and mostly tied to objectives.",
                    "Mostly complete; some activities are general.",
                    "Gaps, or activities in a few words.",
                    "Too little to follow what was done.",
                ),
                6: (
                    "Complete and prompt; shows how the work changed with what was learned, with evidence throughout.",
                    "Complete and specific, with evidence of progress on each objective.",
                    "Mostly complete and specific; evidence is uneven.",
                    "Gaps, or activities in a few words.",
                    "Too little to follow what was done.",
                ),
            },
            is_about_logbook=True,
        ),
        CriterionPreset(
            "Logbook: reflection",
            20,
            {
                5: (
                    "Regular, honest reflection that joins experience to ideas and changes later practice.",
                    "Reflection that explains what was learned and why it matters.",
                    "Some reflection; feelings and events are described more than examined.",
                    "Reflection is rare or general.",
                    "No reflection.",
                ),
                6: (
                    "Questions own assumptions and position, draws on theory, and shows the change in later entries.",
                    "Analyses experience with theory and draws lessons that are acted on.",
                    "Explains what was learned; theory is mentioned more than used.",
                    "Reflection is rare or descriptive.",
                    "No reflection.",
                ),
            },
            is_about_logbook=True,
        ),
        CriterionPreset(
            "Communication",
            15,
            {
                5: (
                    "Clear, well ordered and right for its readers; sources are given without fault.",
                    "Clear and well ordered; sources are given with few slips.",
                    "Mostly clear; order or references need work.",
                    "Hard to follow in places; few references.",
                    "Cannot be followed.",
                ),
                6: (
                    "Persuasive, exact and right for academic and organisation alike; referencing without fault.",
                    "Clear, well argued and well referenced.",
                    "Mostly clear; the argument or references are uneven.",
                    "Hard to follow in places; few references.",
                    "Cannot be followed.",
                ),
            },
        ),
    ),
}
