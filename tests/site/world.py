"""One small world in which everybody of `PRINCIPALS` stands in a known relation to every thing of `THINGS`.

`student` is placed with `organisation`, whose contact is `contact`, under `supervisor`, in `tutor`'s group of the run that
`leader` leads. Everybody called `other_…` is the same elsewhere: another organisation, another group, another run.

Each private thing holds a `~word~` of its own; canaries.csv says who may ever read it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole
from placements.agreements.workflow import AgreementState
from placements.allocation.workflow import AttemptState
from placements.applications.models import HostAnswer
from placements.applications.rules import Unsuitable
from placements.applications.workflow import AnswerState
from placements.assessment.models import CriterionScore
from placements.assessment.workflow import SubmissionState
from placements.challenges.models import ReviewComment
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import ComponentKind, Enrolment, RunRole, Theme
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.confirming.models import HoursTarget, SupervisorCall
from placements.confirming.rules import CONFIRM_WEEK, Spoken
from placements.core.policy import NOBODY
from placements.db import db
from placements.history.actions import record
from placements.impact.workflow import ResultState
from placements.links.actions import add_link
from placements.logbook.models import EntryComment
from placements.partners.models import ContactRole
from placements.partners.workflow import OrganisationState
from placements.people.models import Person
from placements.placing.workflow import PlacementState
from placements.proposals.rules import Tie
from placements.proposals.workflow import ProposalState
from placements.rounds.models import Adjustment
from placements.rounds.workflow import AdjustmentKind, RoundState
from placements.vetting.queries import Question
from placements.vetting.rules import CheckKind
from placements.vetting.workflow import CheckState, MemorandumState
from tests import factories as make
from tests.applications.scene import needs
from tests.clearing.waiting import asked_place
from tests.closing.factories import closing, student_record
from tests.copies.factories import signed_copy
from tests.factories.confirming import snapshot
from tests.factories.extensions import extension
from tests.impact.results import result
from tests.offers.hosts import host_refusal
from tests.proposals.making import proposal
from tests.site import marked, placed
from tests.tutoring import scene as tutoring

PRINCIPALS = (
    "anonymous",
    "student",
    "other_student",
    "supervisor",
    "contact",
    "other_contact",
    "tutor",
    "other_tutor",
    "moderator",
    "leader",
    "other_leader",
    "champion",
    "other_champion",
    "engagement",
    "safety_officer",
    "visa_officer",
    "disability_adviser",
    "safeguarding",
    "external",
    "administrator",
)


STUDENTS = {
    "student": {"family_name": "~name~", "email": "~mail~@example.org", "student_number": "~number~"},
    "other_student": {
        "family_name": "~other-name~",
        "email": "~other-mail~@example.org",
        "student_number": "~other-number~",
    },
}


@dataclass
class World:
    """Accounts by principal, things by name."""

    accounts: dict[str, Account] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    def person(self, principal: str) -> Person:
        """The person behind a principal."""
        return self.accounts[principal].person


def build() -> World:
    """Make the world in the current session; nothing is committed."""
    world = World()
    for name in PRINCIPALS[1:]:
        roles = [GlobalRole(name)] if name in list(GlobalRole) else []
        said = {"family_name": "Canary", "email": f"{name}@example.org", **STUDENTS.get(name, {})}
        who = make.person(given_name=name.replace("_", " ").title(), **said)
        world.accounts[name] = make.account(who, *roles)
    _runs(world)
    _organisations(world)
    for add in ADDITIONS:
        add(world)
    return world


def _runs(world: World) -> None:
    who, things = world.person, world.things
    for prefix in ("", "other_"):
        run = things[f"{prefix}run"] = make.run(code="WL5W50" if prefix else "WL6W50", level=5 if prefix else 6)
        make.run_role(RunRole.LEADER, who(f"{prefix}leader"), run)
        group = things[f"{prefix}group"] = make.group(run, who(f"{prefix}tutor"))
        things[f"{prefix}tutor_role"] = make.run_role(RunRole.TUTOR, who(f"{prefix}tutor"), run)
        things[f"{prefix}enrolment"] = make.enrolment(group, who(f"{prefix}student"))
        things[f"{prefix}component"] = make.component(ComponentKind.PORTFOLIO, run)
    make.run_role(RunRole.CHAMPION, who("champion"), things["run"], Theme.POVERTY)
    make.run_role(RunRole.CHAMPION, who("other_champion"), things["run"], Theme.CRIME)
    make.run_role(RunRole.MODERATOR, who("moderator"), things["run"])
    things["external_role"] = make.run_role(RunRole.EXTERNAL, who("external"), things["run"])


def _organisations(world: World) -> None:
    who, things = world.person, world.things
    organisation = things["organisation"] = make.organisation(name="Canary Wharf Food Bank")
    make.contact(organisation, who("contact"), ContactRole.PRIMARY)
    make.contact(organisation, who("supervisor"), ContactRole.SUPERVISOR)
    elsewhere = things["other_organisation"] = make.organisation(name="Elsewhere Youth Club")
    make.contact(elsewhere, who("other_contact"), ContactRole.PRIMARY)
    reason = "~organisation-reason~"
    record("paused", organisation, actor=NOBODY, now=make.NOW, ability="partners.read_notes", reason=reason)
    work = make.site(organisation, address="~work-address~")
    things["challenge"] = make.challenge(organisation, supervisor=who("supervisor"), theme=Theme.POVERTY, site=work)
    things["other_challenge"] = make.challenge(elsewhere, supervisor=who("other_contact"), theme=Theme.CRIME)


def _a_placement(world: World) -> None:
    things = world.things
    placement = things["placement"] = make.placement(things["enrolment"], things["challenge"])
    why = {"ability": "placing.read_reasons", "reason": "~placement-reason~"}
    record("paused", placement, actor=NOBODY, now=make.NOW, **why)
    things["agreement"] = make.agreement(placement, objectives=("~agreement~", "Learn."))
    entry = things["entry"] = make.entry(placement, activity="~activity~", reflection="~reflection~")
    things["visit_evidence"] = make.entry_evidence(entry, b"%PDF-1.7\n~visit-file~\n%%EOF\n", "~visit-file-name~.pdf")
    long_ago = {"on": date(2026, 9, 9), "submitted_at": make.NOW - 40 * make.DAY}
    make.entry(placement, activity="~undecided~", **long_ago)
    db.session.add(HoursTarget(placement=placement, reached_at=make.NOW))
    _does_not_answer(world)
    things["snapshot"] = snapshot(things["enrolment"])
    things["entry_draft"] = make.entry_draft(placement, "~typed~")
    entry.comments.append(EntryComment(author=world.person("tutor"), text="~entry-comment~", at=make.NOW))
    assert things["enrolment"].state is EnrolmentState.PLACED


def _does_not_answer(world: World) -> None:
    """The supervisor was mailed about the undecided visit a month ago; somebody has talked to them since."""
    supervisor = world.things["supervisor"] = world.person("supervisor")
    asked = {"now": make.NOW - 30 * make.DAY, "lasts": 21 * make.DAY}
    add_link(CONFIRM_WEEK, 1, supervisor.id, **asked)
    call = {"by_id": world.person("tutor").id, "at": make.NOW - make.DAY, "outcome": Spoken.SOMEBODY_ELSE}
    db.session.add(SupervisorCall(supervisor_id=supervisor.id, **call))


def _an_end(world: World) -> None:
    """A placement of the year before, completed, with its record; and the end of that year at the organisation."""
    who, things = world.person, world.things
    over = {"state": ChallengeState.CLOSED, "academic_year": "2025/26", "supervisor": who("supervisor")}
    before = make.challenge(things["organisation"], title="Before", **over)
    ended = {"starts_on": date(2026, 2, 2), "ends_on": date(2026, 6, 5), "ended_on": date(2026, 6, 5)}
    run = make.run(academic_year="2025/26", ranking_closes_at=make.NOW - 300 * make.DAY)
    make.component(ComponentKind.PORTFOLIO, run)
    enrolment = make.enrolment(make.group(run), who("student"))
    ended |= {"state": PlacementState.COMPLETED, "tutor": who("tutor")}
    completed = things["completed"] = make.placement(enrolment, before, **ended)
    enrolment.state = EnrolmentState.COMPLETED
    student_record(completed, b"%PDF-1.7\n~record~\n%%EOF\n")
    things["closing"] = closing(before, who("contact"), b"%PDF-1.7\n~certificate~\n%%EOF\n")


def _planned_run(world: World) -> None:
    who, things = world.person, world.things
    planned = things["planned_run"] = make.run(state=RunState.PLANNED)
    things["run_role"] = make.run_role(RunRole.LEADER, who("leader"), planned)
    make.run_role(RunRole.LEADER, who("other_leader"), planned)
    make.group(planned, who("tutor"))
    things["roster_import"] = make.roster_import(
        who("leader"), file_name="~roster~.csv", ignored_columns=["~roster-heading~"]
    )


def _an_application(world: World) -> None:
    things = world.things
    draft = {"statement": "~draft-statement~", "choices": [[things["challenge"].public_id, "~draft-addition~"]]}
    application = make.application(things["enrolment"], [things["challenge"]], statement="~statement~", draft=draft)
    application.preferences[0].addition = "~addition~"
    needs(things["enrolment"], borough="Sutton", access="~access-need~", times="~caring-hours~")
    things["application"] = application


def _briefs(world: World) -> None:
    who, things = world.person, world.things
    organisation = things["organisation"]
    writer = make.person(email="~writer~@example.org")
    told = {"challenges_faced": "~enquiry~", "thoughts": "~thoughts~", "next_step": "~next-step~"}
    things["enquiry"] = make.enquiry(writer, **told)
    things["site"] = make.site(organisation, address="~site-address~")
    things["contact_there"] = organisation.contacts[0]
    things["interest"] = make.interest(things["other_organisation"], who("administrator"))
    about = {"theme": Theme.POVERTY, "supervisor": who("supervisor"), "published_at": None}
    things["draft"] = make.challenge(organisation, state=ChallengeState.DRAFT, need="", skills="~draft-brief~", **about)
    submitted = make.challenge(organisation, state=ChallengeState.SUBMITTED, need="~submitted-brief~", **about)
    things["approved_brief"] = make.challenge(organisation, state=ChallengeState.APPROVED, **about)
    things["last_years"] = make.challenge(
        organisation, state=ChallengeState.CLOSED, academic_year="2025/26", supervisor=who("supervisor")
    )
    comment = ReviewComment(version=1, author=who("champion"), text="~review-comment~", at=make.NOW)
    submitted.comments.append(comment)
    things["submitted"] = submitted


def _work_handed_in(world: World) -> None:
    """A portfolio with a file, before its deadline; an Agreement that is being marked; an export."""
    who, things = world.person, world.things
    run, enrolment = things["run"], things["enrolment"]
    agreement = make.component(ComponentKind.AGREEMENT, run, title="Challenge Agreement", weight=25, due_at=None)
    things["agreement_component"] = agreement
    make.submission(enrolment, agreement, state=SubmissionState.RECEIVED, received_at=make.NOW - make.DAY)
    mark = things["mark"] = make.mark(enrolment, agreement, who("tutor"), feedback="~feedback~")
    mark.scores.append(CriterionScore(criterion=agreement.criteria[0], score=61, comment="~score-comment~"))
    things["submission"] = make.submission(
        enrolment, things["component"], state=SubmissionState.RECEIVED, received_at=make.NOW, receipt="ABCD-2345"
    )
    things["mark_with_logbook"] = make.mark(enrolment, things["component"], None)
    things["bank_comment"] = make.bank_comment(who("leader"), "~bank-comment~")
    words = b"%PDF-1.7\n~submission~\n%%EOF\n"
    things["submission_file"] = make.submission_file(things["submission"], words, "~file-name~.pdf")
    things["hand_in"] = make.hand_in(things["submission"], "~portfolio-text~")
    draft = make.work_draft(enrolment, things["component"], "~work-draft~")
    things["draft_file"] = make.draft_file(draft, b"%PDF-1.7\n~draft-file~\n%%EOF\n", "~draft-file~.pdf")
    things["mark_export"] = make.mark_export(run, who("leader"), rows=[["~export~"]])
    things["extension"] = extension(things["submission"], who("leader"), reference="~extension-reference~")
    ended = {"ended_at": make.NOW, "ended_by": who("leader"), "reason": "~extension-reason~"}
    things["extension_withdrawn"] = extension(things["submission"], who("leader"), **ended)


def _agreements(world: World) -> None:
    """A draft beside the Agreement in force, and one that goes round elsewhere."""
    things = world.things
    signed_copy(things["agreement"], b"%PDF-1.7\n~agreement-copy~\n%%EOF\n")
    things["agreement_draft"] = make.agreement(
        things["placement"], number=2, state=AgreementState.DRAFT, objectives=("~agreement-draft~", "Learn.")
    )
    elsewhere = make.enrolment(things["other_group"])
    preparing = {"state": PlacementState.PREPARING}
    things["other_placement"] = make.placement(elsewhere, things["other_challenge"], **preparing)
    signing = {"state": AgreementState.SIGNING, "objectives": ("~other-agreement~", "Learn.")}
    things["agreement_signing"] = make.agreement(things["other_placement"], **signing)


def _places_given_out(world: World) -> None:
    """A staged round with its attempts, a lock and a row on the clearing list; an offer elsewhere."""
    who, things = world.person, world.things
    things["offer"] = make.offer(things["other_enrolment"], things["other_challenge"], why_made="~why-made~")
    seeking = make.enrolment(things["group"], state=EnrolmentState.SEEKING)
    make.application(seeking, [things["challenge"]], statement="~other-statement~")
    things["host_answer"] = _an_answer(seeking, who("contact"))
    things["seeking"] = seeking
    things["clearing"] = make.clearing(seeking, who("tutor"))
    things["refusal"] = host_refusal(things["challenge"], who("contact"), words="~cannot-take~")
    things["lock"] = make.lock(make.enrolment(things["group"]), make.challenge(), who("tutor"), reason="~lock-reason~")
    things["waiting_enrolment"] = make.enrolment(things["group"])
    staged = things["round"] = make.allocation_round(things["run"], state=RoundState.STAGED)
    things["attempt"] = make.attempt(staged)
    things["attempt_solved"] = make.attempt(staged, state=AttemptState.SOLVED)
    more = json.dumps([{"kind": "places", "about": things["challenge"].public_id, "student": "", "number": 1}])
    asked = {"base": things["attempt_solved"], "changes": more}
    things["trial"] = make.attempt(staged, state=AttemptState.SOLVED, **asked)
    fewer = {
        "kind": AdjustmentKind.PLACES,
        "number": 0,
        "reason": "~adjustment-reason~",
        "made_at": make.NOW - make.DAY,
    }
    things["adjustment"] = Adjustment(round=staged, challenge=make.challenge(), made_by=who("leader"), **fewer)
    db.session.add(things["adjustment"])
    by_hand = {"overridden_by": who("leader"), "reason": "~override-reason~"}
    things["match"] = make.match(staged, seeking, things["challenge"], **by_hand)
    agreed = {"closed_at": make.NOW, "outcome": "~clearing-outcome~"}
    make.clearing(things["other_enrolment"], who("other_tutor"), **agreed)
    things["other_clearing"] = make.clearing(things["other_enrolment"], who("other_tutor"))
    things["open_place"] = make.challenge(things["other_organisation"], title="Still open")
    asked_place(things["clearing"], things["open_place"], "~asked-words~")
    placed = things["offer_here"] = make.offer(make.enrolment(things["group"]))
    over = {"state": RoundState.PUBLISHED, "published_at": make.NOW}
    published = things["round_published"] = make.allocation_round(things["run"], **over)
    make.match(published, placed.enrolment, placed.challenge, rank=2, offer=placed)


def _an_answer(applicant: Enrolment, contact: Person) -> HostAnswer:
    """“Not suitable”, which waits for the module leader."""
    answer = db.session.scalars(select(HostAnswer).join(HostAnswer.application).filter_by(enrolment=applicant)).one()
    answer.state, answer.reason, answer.sentence = AnswerState.NOT_SUITABLE, Unsuitable.DAYS, "~answer~"
    answer.answered_by, answer.answered_at, answer.undecided_since = contact, make.NOW - make.DAY, make.NOW - make.DAY
    return answer


def _results(world: World) -> None:
    """What is told of a challenge: asked about, kept among us, shown, and not yet read by anybody outside."""
    who, challenge = world.person, world.things["challenge"]
    add = partial(result, challenge, who("engagement"))
    asked = {"state": ResultState.ASKED, "asked": who("contact"), "may_publish": True}
    world.things["result"] = add(story="~result~", **asked)
    world.things["result_draft"] = add(story="~result-draft~")
    world.things["result_verified"] = add(state=ResultState.VERIFIED, story="~result-kept~")
    world.things["result_published"] = add(state=ResultState.PUBLISHED)


def _enquiries(world: World) -> None:
    """What the team says to itself, what it passed on, and who gets the newsletter."""
    who, things = world.person, world.things
    make.enquiry_note(things["enquiry"], who("engagement"), text="~enquiry-note~")
    things["route"] = make.route()
    things["referral"] = make.referral(words="~referral-words~", note="~referral-note~", sent_by=who("engagement"))
    things["subscription"] = make.subscription(make.person(email="~subscriber~@example.org"), confirmed_at=make.NOW)


def _vetting(world: World) -> None:
    """A check with a file, a place with a risk, two memoranda; and an organisation that has only to be approved."""
    who, things = world.person, world.things
    organisation, site = things["organisation"], things["site"]
    answered = {"answered_by": who("contact"), "words": "~check-answer~", "finding": "~check-finding~"}
    things["check"] = make.check(organisation, CheckKind.SAFEGUARDING, state=CheckState.CONDITIONAL, **answered)
    things["evidence"] = make.evidence(things["check"], b"%PDF-1.7\n~evidence~\n%%EOF\n", "~evidence-name~.pdf")
    things["question"] = Question(organisation, CheckKind.SAFEGUARDING, None, things["check"])
    things["question_of_place"] = Question(organisation, CheckKind.HEALTH_AND_SAFETY, site)
    make.site_risk(site, who("safety_officer"), actions="~site-actions~")
    paper = make.evidence(things["check"]).file
    signed = {"signed_on": make.NOW.date(), "expires_on": make.NOW.date() + 900 * make.DAY, "file": paper}
    state = MemorandumState.SIGNED
    things["memorandum_signed"] = make.memorandum(organisation, state=state, **signed)
    things["memorandum"] = make.memorandum(organisation, version=2, text="~memorandum~")
    prospective = {"state": OrganisationState.PROSPECTIVE, "approved_until": None}
    things["vetted"] = make.organisation(name="Nearly Approved", **prospective)
    make.five_checks(things["vetted"])
    things["to_renew"] = make.organisation(name="Soon To Renew")
    things["to_renew_contact"] = make.contact(things["to_renew"])
    make.five_checks(things["to_renew"], valid_until=make.NOW.date() + 9 * make.DAY)


def _a_directory(world: World) -> None:
    """Two that look the same, and a list that was uploaded."""
    for number in (1, 2):
        make.organisation(name="Twin Club", public_id=f"twin-club-0{number}", state=OrganisationState.PROSPECTIVE)
    uploaded_by = world.person("engagement")
    world.things["partner_import"] = make.partner_import(uploaded_by, file_name="~partner-list~.csv")


def _own_places(world: World) -> None:
    """One that waits to be checked, everything about it holding; and one that was refused before."""
    things, organisation = world.things, world.things["other_organisation"]
    things["proposal"] = proposal(
        things["other_enrolment"],
        verified=True,
        verified_how="~verified-how~",
        verified_by=world.person("engagement"),
        organisation=organisation,
        site=make.site(organisation),
        supervisor_email="~proposed-supervisor~@example.org",
        tie=Tie.EMPLOYED,
        tied_to="~line-manager~",
        duties_now="~duties-now~",
        duties_differ="~duties-differ~",
        question="~question~",
        answer="~answered~",
    )
    refused = {"state": ProposalState.REFUSED, "reason": "~refusal~"}
    things["proposal_refused"] = proposal(things["other_enrolment"], **refused)


def _tutoring(world: World) -> None:
    """A placement fixed by hand, plans (one waits, one to apply, one applied elsewhere), and a cover to come."""
    who, things = world.person, world.things
    reason = "~fixed-because~"
    things["fixed"] = tutoring.fix(things["placement"], who("tutor"), who("leader"), reason=reason)
    things["plan_queued"] = tutoring.plan(things["run"], state=AttemptState.QUEUED)
    things["plan"] = tutoring.plan(things["run"])
    things["cover"] = tutoring.cover(things["run"], who("tutor"), who("moderator"), by=who("leader"))
    things["plan_applied"] = tutoring.plan(things["other_run"], applied_at=make.NOW)


ADDITIONS: list[Callable[[World], None]] = [
    placed.rubrics,
    _an_end,
    _a_placement,
    _agreements,
    _planned_run,
    _an_application,
    _briefs,
    _enquiries,
    _work_handed_in,
    _places_given_out,
    _a_directory,
    _vetting,
    _results,
    _own_places,
    placed.shrunk_groups,
    placed.concerns,
    placed.attendance,
    placed.clearance,
    placed.at_the_desk,
    placed.watch,
    placed.supervisors_feedback,
    marked.second_marks,
    placed.the_board,
    marked.moderation,
    placed.reassessment,
    marked.examining,
    placed.case_files,
    placed.mail,
    placed.returned_mail,
    placed.bulletins,
    _tutoring,  # last: a plan is of the placements that there are
]


def committed(*more: Callable[[World], None]) -> World:
    """The world and what `more` adds to it, committed and detached, for tests that make requests."""
    world = build()
    for add in more:
        add(world)
    db.session.commit()
    for account in world.accounts.values():
        db.session.refresh(account)
    for thing in world.things.values():
        if isinstance(thing, db.Model):
            db.session.refresh(thing)
    db.session.expunge_all()
    return world
