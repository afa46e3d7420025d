"""Who may import whom: the house's directions as tables, and a checker that reads any tree of sources by them."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SUPPORT = ("people", "history", "mail", "links", "files", "documents")  # each may use those before it
READERS = ("home", "public", "reports", "calendar", "demo")
NOT_CODE = {"static"}
SOLVER = "solver"  # a program of its own: values in, values out, and whatever uses numbers in bulk runs apart

# A file of an area that is not one of the rows has the rights of the row named here.
LAYER = {
    "placements.accounts.security": "views",
    "placements.allocation.asked": "queries",
    "placements.allocation.equity": "rules",
    "placements.allocation.explained": "queries",
    "placements.allocation.explaining": "actions",
    "placements.allocation.groups": "queries",
    "placements.allocation.preparing": "queries",
    "placements.allocation.results": "queries",
    "placements.allocation.solving": "actions",
    "placements.allocation.why": "rules",
    "placements.changes.trials": "actions",
    "placements.rounds.adjustments": "queries",
    "placements.rounds.entrants": "queries",
    "placements.rounds.inputs": "queries",
    "placements.rounds.locking": "actions",
    "placements.rounds.outlooks": "actions",
    "placements.rounds.repairing": "actions",
    "placements.rounds.repairs": "queries",
    "placements.rounds.suggesting": "queries",
    "placements.applications.answer_views": "views",
    "placements.applications.answering": "actions",
    "placements.applications.answers": "queries",
    "placements.applications.finding": "queries",
    "placements.applications.finding_views": "views",
    "placements.applications.needs": "rules",
    "placements.applications.outlook": "queries",
    "placements.applications.overview": "queries",
    "placements.assessment.agreed": "rules",
    "placements.assessment.agreeing": "actions",
    "placements.assessment.collecting": "actions",
    "placements.assessment.lateness": "queries",
    "placements.assessment.drafts": "actions",
    "placements.assessment.evidence": "queries",
    "placements.assessment.keeping": "actions",
    "placements.assessment.outstanding": "queries",
    "placements.assessment.outcomes": "rules",
    "placements.assessment.results": "queries",
    "placements.board.correcting": "actions",
    "placements.board.exporting": "queries",
    "placements.assessment.versions": "actions",
    "placements.assessment.waiting": "queries",
    "placements.assessment.work": "queries",
    "placements.scripts.earlier": "queries",
    "placements.scripts.progress": "queries",
    "placements.board.readiness": "queries",
    "placements.board.release_views": "views",
    "placements.board.releasing": "actions",
    "placements.board.report": "queries",
    "placements.board.report_views": "views",
    "placements.board.withholding": "actions",
    "placements.cases.chapters": "queries",
    "placements.cases.judging": "queries",
    "placements.cases.making": "actions",
    "placements.cases.packing": "actions",
    "placements.cases.reading": "queries",
    "placements.cases.telling": "queries",
    "placements.cases.trail": "queries",
    "placements.cases.verdicts": "queries",
    "placements.challenges.publication": "queries",
    "placements.challenges.review_forms": "forms",
    "placements.challenges.reviewing": "actions",
    "placements.challenges.versions": "queries",
    "placements.challenges.writing_views": "views",
    "placements.bulletins.audience": "queries",
    "placements.bulletins.sending": "actions",
    "placements.closing.making": "actions",
    "placements.closing.records": "queries",
    "placements.reminding.foreseeing": "actions",
    "placements.correspondence.addresses": "actions",
    "placements.correspondence.kinds": "actions",
    "placements.correspondence.log": "actions",
    "placements.correspondence.log_views": "views",
    "placements.correspondence.sight": "queries",
    "placements.clearing.asking": "actions",
    "placements.clearing.asking_views": "views",
    "placements.clearing.choosing": "queries",
    "placements.clearing.unfilled": "queries",
    "placements.specification.sheet": "queries",
    "placements.concerns.link_views": "views",
    "placements.cohorts.closed_views": "views",
    "placements.cohorts.closing": "actions",
    "placements.watch.looking": "queries",
    "placements.cohorts.closures": "rules",
    "placements.cohorts.dates": "rules",
    "placements.cohorts.enrolling": "actions",
    "placements.cohorts.imports": "queries",
    "placements.cohorts.planning": "actions",
    "placements.cohorts.presets": "rules",
    "placements.cohorts.roster": "rules",
    "placements.cohorts.roster_row": "rules",
    "placements.cohorts.student_forms": "forms",
    "placements.cohorts.student_views": "views",
    "placements.cohorts.students": "queries",
    "placements.extensions.planning": "queries",
    "placements.enquiries.duplicates": "queries",
    "placements.enquiries.link_views": "views",
    "placements.enquiries.newsletter": "actions",
    "placements.enquiries.receiving": "actions",
    "placements.enquiries.referrals": "actions",
    "placements.enquiries.settings_views": "views",
    "placements.enquiries.story": "queries",
    "placements.directory.adding": "actions",
    "placements.directory.doubles": "queries",
    "placements.directory.importing": "actions",
    "placements.directory.imports": "queries",
    "placements.directory.likeness": "queries",
    "placements.directory.loads": "queries",
    "placements.directory.merging": "actions",
    "placements.directory.passing_on": "actions",
    "placements.directory.sheet": "queries",
    "placements.mail.asking": "queries",
    "placements.reminding.gaps": "queries",
    "placements.mail.pacing": "rules",
    "placements.mail.reach": "actions",
    "placements.mail.reached": "queries",
    "placements.mail.rendering": "queries",
    "placements.mail.wording": "queries",
    "placements.mailing.mailboxes": "actions",
    "placements.mailing.metrics": "queries",
    "placements.mailing.returning": "actions",
    "placements.offers.hosts": "queries",
    "placements.offers.refusal_forms": "forms",
    "placements.offers.refusal_views": "views",
    "placements.offers.refusing": "actions",
    "placements.offers.replacing": "actions",
    "placements.offers.unplaced": "actions",
    "placements.offers.waiting": "actions",
    "placements.signing.invitations": "queries",
    "placements.attendance.contacts": "actions",
    "placements.copies.making": "actions",
    "placements.attendance.link_views": "views",
    "placements.attendance.planning": "actions",
    "placements.signing.sending": "actions",
    "placements.signing.together": "queries",
    "placements.signing.waiting": "queries",
    "placements.signing.amending": "actions",
    "placements.agreements.differences": "queries",
    "placements.agreements.groups": "queries",
    "placements.agreements.reading": "queries",
    "placements.agreements.sharing": "actions",
    "placements.agreements.showing": "actions",
    "placements.agreements.weeks": "rules",
    "placements.partners.boroughs": "rules",
    "placements.placing.affected": "queries",
    "placements.placing.endings": "actions",
    "placements.placing.gates": "actions",
    "placements.placing.stopping": "actions",
    "placements.placing.moving": "actions",
    "placements.proposals.checking": "actions",
    "placements.proposals.deciding": "actions",
    "placements.tutoring.covering": "actions",
    "placements.tutoring.covers": "queries",
    "placements.tutoring.plans": "queries",
    "placements.vetting.lists": "queries",
    "placements.vetting.memoranda": "actions",
    "placements.vetting.memoranda_views": "views",
    "placements.vetting.renewals": "queries",
    "placements.vetting.renewing": "actions",
    "placements.confirming.completing": "actions",
    "placements.confirming.finishing": "actions",
    "placements.confirming.handing": "actions",
    "placements.confirming.quiet": "queries",
    "placements.confirming.telephoning": "actions",
    "placements.logbook.evidence": "actions",
    "placements.logbook.evidence_views": "views",
    "placements.reading.freezing": "actions",
    "placements.reading.frozen": "queries",
    "placements.logbook.hours": "queries",
    "placements.logbook.ledger": "rules",
    "placements.logbook.silence": "queries",
    "placements.logbook.student_views": "views",
    "placements.reassessment.claims": "actions",
    "placements.reading.deciding": "queries",
    "placements.feedback.link_views": "views",
    "placements.reading.desk": "actions",
    "placements.reading.desk_views": "views",
    "placements.reading.fresh": "queries",
    "placements.reading.grade_views": "views",
    "placements.reading.grading": "actions",
    "placements.reading.nudge_views": "views",
    "placements.reading.nudging": "queries",
}
# What one file may import beyond its row, each with its reason.
ALSO = {
    # the kernel; nobody but `python -m placements.solver` and tests imports it
    "placements.solver.draw": {"numpy"},
    "placements.solver.explaining": {"numpy"},
    "placements.solver.forcing": {"numpy"},
    "placements.solver.network": {"numpy", "ortools"},
    "placements.solver.outside": {"click"},
    "placements.solver.prices": {"numpy"},
    "placements.solver.risk": {"numpy"},
    "placements.solver.search": {"numpy"},
    "placements.solver.solve": {"numpy"},
    "placements.accounts.security": {"placements.db"},  # Flask-Security's store of accounts wants the session
}
LOADERS = {"placements.app"}  # the only files that import by a name made at run time

# In an area: a row's own area's rows, then the rows of earlier areas, then the packages of ours.
PURE = ("rules", "workflow")
READ = (*PURE, "models", "policy", "queries")
PRIVATE = {"views", "forms", "notices"}
OWN = {
    "rules": set(),
    "workflow": set(),
    "models": {*PURE},
    "policy": {*PURE, "models"},
    "queries": {*PURE, "models", "policy"},
    "notices": {*READ},
    "actions": {*READ, "notices"},
    "forms": {*READ},
    "views": {*READ, "notices", "actions", "forms"},
}
EARLIER = {
    "rules": set(),
    "workflow": set(),
    "models": {*PURE, "models"},
    "policy": {*PURE, "models", "policy"},
    "queries": {*READ},
    "notices": {*READ},
    "actions": {*READ, "actions"},
    "forms": {*READ},
    "views": {*READ},
}
OURS = {
    "rules": {"core", SOLVER},
    "workflow": {"core"},
    "models": {"core", "db", "secret"},
    "policy": {"core", "db"},
    "queries": {"core", "db", "leases", "search", SOLVER},
    "notices": {"core", "db"},
    "actions": {"core", "db", SOLVER},
    "forms": {"core", "web", SOLVER},
    "views": {"core", "web", SOLVER},
}
# Support packages: what a row may take of them ("*": everything they have).
SUPPORTED = {
    **{row: set() for row in PURE},
    "models": {"models"},
    "policy": {"workflow", "models", "policy"},
    "queries": {"rules", "workflow", "models", "policy", "queries", "notices"},  # what there is to say is read too
    "forms": {"models", "policy", "queries"},
    **{row: {"*"} for row in ("notices", "actions", "views")},
}
# Files beside the packages, and the packages that stand below the areas.
BELOW = {
    "__init__": set(),
    "config": set(),
    "core": {"core"},
    "db": {"core", "config", "turns"},
    "leases": {"db"},
    "search": {"db"},
    "secret": {"config", "db"},
    SOLVER: {SOLVER},
    "story": {"core", "db", "config"},
    "turns": set(),
    "web": {"core", "db", "config", "web"},
}
ON_TOP = {
    "__main__",
    "app",
    "commands",
    "due",
    "processes",
    "rehearsal",
    "serving",
    "worker",
}  # they put the rest together; nobody else imports them


@dataclass(frozen=True)
class Import:
    """One import: the module it stands in, the module it names, its line, and whether it waits inside a function."""

    source: str
    target: str
    line: int
    is_inside: bool


@dataclass(frozen=True)
class Tree:
    """The sources under one folder `placements`, by module name."""

    modules: dict[str, ast.Module]
    folders: set[str]
    areas: tuple[str, ...]

    def imports(self, name: str) -> Iterator[Import]:
        """Every import of a module, in order."""
        inside = {
            id(node) for each in ast.walk(self.modules[name]) if isinstance(each, FUNCTIONS) for node in ast.walk(each)
        }
        for node in ast.walk(self.modules[name]):
            if isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = "." * node.level + (node.module or "")
                targets = [self._named(base, alias.name) for alias in node.names]
            else:
                continue
            yield from (Import(name, target, node.lineno, id(node) in inside) for target in targets)

    def _named(self, base: str, name: str) -> str:
        return (
            f"{base}.{name}"
            if f"{base}.{name}" in self.modules or (base == "placements" and name in self.folders)
            else base
        )


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def read_tree(root: Path) -> Tree:
    """The tree of sources in `root` (the folder `placements`), its areas read from `AREAS` in its __init__."""
    modules = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(("placements", *(parts[:-1] if parts[-1] == "__init__" else parts)))
        modules[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    areas: tuple[str, ...] = ()
    for node in modules["placements"].body:
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "AREAS" for target in node.targets):
            areas = tuple(ast.literal_eval(node.value))
    folders = {path.name for path in root.iterdir() if path.is_dir() and path.name != "__pycache__"}
    return Tree(modules, folders, areas)


def direction_problems(tree: Tree) -> list[str]:
    """Every import that goes the wrong way, every folder and file without a place, every circle."""
    found = [*_places(tree)]
    for name in tree.modules:
        found += [
            f"{name}:{line} imports by a name made at run time"
            for line in _loads(tree.modules[name])
            if name not in LOADERS
        ]
        for each in tree.imports(name):
            why = _why_not(tree, each)
            if each.is_inside:
                why = "an import inside a function"
            if why:
                found.append(f"{name}:{each.line} imports {each.target}: {why}")
    return [*found, *_circles(tree)]


def _places(tree: Tree) -> Iterator[str]:
    known = {"core", "web", SOLVER, *NOT_CODE, *SUPPORT, *READERS, *tree.areas}
    yield from (f"{folder}/ is no known package" for folder in sorted(tree.folders - known))
    yield from (f"AREAS names {area}, which has no folder" for area in tree.areas if area not in tree.folders)
    for name in tree.modules:
        package, _, rest = name.removeprefix("placements").removeprefix(".").partition(".")
        if package in tree.areas and rest and _row(name) is None:
            yield f"{name} is no row of an area: list it in LAYER"
        if package in READERS and rest == "models":
            yield f"{name}: a reader owns no tables"
        if not rest and package not in {"", *tree.folders, *BELOW, *ON_TOP}:
            yield f"{name} has no place beside the packages"


def _why_not(tree: Tree, found: Import) -> str | None:
    """Why an import goes the wrong way; None where it may."""
    if found.target.startswith("."):
        return "relative"
    source, target = _package(found.source), _package(found.target)
    if source in ON_TOP or any(f"{found.target}.".startswith(f"{each}.") for each in ALSO.get(found.source, ())):
        return None
    if target is None:
        return _why_not_outside(found)
    if found.target in ALSO and target == SOLVER != source:
        return "it loads numbers in bulk: have it run apart"
    if target in ON_TOP:
        return "the application is put together there; nobody imports it"
    if source in tree.areas:
        return _why_not_in_area(tree, found)
    if target in READERS and source != target:
        return "nobody uses a reader"
    if source in READERS:
        return _why_not_in_reader(tree, found)
    if source in SUPPORT:
        allowed = {"core", "db", "config", "web", *SUPPORT[: SUPPORT.index(source) + 1]}
    else:
        allowed = BELOW.get(source or "", set())
    return None if target in allowed else f"{source} may import only {', '.join(sorted(allowed)) or 'nothing of ours'}"


def _why_not_outside(found: Import) -> str | None:
    is_pure = _package(found.source) in ("__init__", "core", SOLVER) or (
        _row(found.source) in PURE and _package(found.source) not in (*SUPPORT, "web")
    )
    outside = found.target.partition(".")[0]
    return "only the standard library and core here" if is_pure and outside not in sys.stdlib_module_names else None


def _why_not_in_area(tree: Tree, found: Import) -> str | None:
    source, target = str(_package(found.source)), str(_package(found.target))
    row, wanted = _row(found.source), _row(found.target)
    if found.source.count(".") == 1:
        return "an area's __init__ imports nothing"
    if row is None:
        return None  # said once, by _places
    if target in READERS:
        return "nobody uses a reader"
    if target in SUPPORT:
        return (
            None
            if "*" in SUPPORTED[row] or wanted in SUPPORTED[row]
            else f"{row} may not use {wanted} of a support package"
        )
    if target not in tree.areas:
        return None if target in OURS[row] else f"{row} may not use {target}"
    if source == target:
        is_same_row = row == wanted and (found.source in LAYER or found.target in LAYER)
        return None if wanted in OWN[row] or is_same_row else f"{row} may not use {wanted} of its own area"
    if tree.areas.index(target) > tree.areas.index(source):
        return f"{target} comes later than {source}"
    if wanted is None:
        return "not a row of an earlier area"
    if wanted in PRIVATE:
        return f"{wanted} are private to their area"
    return None if wanted in EARLIER[row] else f"{row} may not use {wanted} of an earlier area"


def _why_not_in_reader(tree: Tree, found: Import) -> str | None:
    row, wanted = _row(found.source), _row(found.target)
    if _package(found.source) == _package(found.target):
        return f"{row} may not use {wanted}" if row in OWN and wanted in OWN and wanted not in OWN[row] else None
    if _package(found.target) in tree.areas and wanted in (*PRIVATE, None):
        return f"{wanted} are private to their area"
    return None


def _package(name: str) -> str | None:
    """`placements.offers.models` → `offers`; `placements` → `__init__`; None for what is not ours."""
    first, _, rest = name.partition(".")
    return (rest.partition(".")[0] or "__init__") if first == "placements" else None


def _row(name: str) -> str | None:
    last = name.rpartition(".")[2]
    return LAYER.get(name) or (last if last in OWN and name.count(".") == 2 else None)


def _loads(module: ast.Module) -> Iterator[int]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in ("import_module", "__import__"):
                yield node.lineno


def _circles(tree: Tree) -> Iterator[str]:
    """Modules that import themselves through others, each circle said once."""
    graph = {name: {each.target for each in tree.imports(name)} & tree.modules.keys() for name in tree.modules}
    before = 0
    while len(graph) != before:
        before = len(graph)
        used = {target for targets in graph.values() for target in targets}
        graph = {
            name: targets & graph.keys() for name, targets in graph.items() if name in used and targets & graph.keys()
        }
    if graph:
        yield f"a circle among {', '.join(sorted(graph))}"
