"""One way through: load by what one may see → ask the policy → view → commit an answer below 400, else roll back.

Every route names its ability with `can=`; forgetting it is a TypeError. A view receives the thing that `of` loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response as BaseResponse

from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Answer
from placements.db import begin_to_write, constraint_name, db
from placements.web.forms import is_storable
from placements.web.limits import limited
from placements.web.site import now, site, who

PUBLIC = "public"  # the one ability that needs no sign-in; a route has it by naming it

View = Callable[..., Any]
Loader = Callable[..., Any]


@dataclass(frozen=True)
class Guard:
    """What stands before a view: its ability, how its thing is loaded, and what is done before the transaction."""

    can: str
    of: Loader | None = None
    methods: tuple[str, ...] = ("GET",)
    nav: str | None = None
    prepare: Callable[[], Any] | None = None
    limit: str | None = None
    one_click: bool = False

    @property
    def is_form(self) -> bool:
        """Shows itself on GET and acts on POST."""
        return len(self.methods) == 2


class Area(Blueprint):
    """A blueprint whose routes cannot be declared without saying who may use them."""

    def __init__(self, name: str, import_name: str) -> None:
        super().__init__(name, import_name)
        self.guards: dict[str, Guard] = {}

    def get(self, rule: str, *, can: str, of: Loader | None = None, nav: str | None = None) -> Callable[[View], View]:  # type: ignore[override]
        """A page: GET and HEAD, changes nothing. `nav` is its label in the header, for whom the ability is open."""
        return self._declare(rule, Guard(can, of, nav=nav))

    def post(self, rule: str, *, can: str, of: Loader | None = None) -> Callable[[View], View]:  # type: ignore[override]
        """A button: POST, one action, redirect."""
        return self._declare(rule, Guard(can, of, methods=("POST",)))

    def form(
        self,
        rule: str,
        *,
        can: str,
        of: Loader | None = None,
        prepare: Callable[[], Any] | None = None,
        limit: str | None = None,
        one_click: bool = False,
    ) -> Callable[[View], View]:
        """A form: GET shows it, POST acts; where the verb is refused it is shown again as typed, with the reason.

        `prepare` does slow work on a posted body (hashing, files) before the transaction begins; see `prepared`.
        `limit` ("20 per hour") is how many posts of one address are accepted; more are refused (429).
        `one_click` lets a post act that has no token: a mail program's, which ends a newsletter (RFC 8058).
        """
        guard = Guard(can, of, methods=("GET", "POST"), prepare=prepare, limit=limit, one_click=one_click)
        return self._declare(rule, guard)

    def _declare(self, rule: str, guard: Guard) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            @wraps(view)
            def through(**url: Any) -> Any:
                return _go_through(guard, view, url)

            self.guards[f"{self.name}.{view.__name__}"] = guard
            shown = limited(through, guard.limit) if guard.limit else through
            self.add_url_rule(rule, view.__name__, shown, methods=guard.methods)
            return view

        return decorate


def page(**context: Any) -> tuple[str, int]:
    """Render the endpoint's own template, `area/verb.html`; with 422 where a form in it has errors."""
    status = 422 if getattr(context.get("form"), "errors", None) else 200
    return render_template(f"{request.endpoint.replace('.', '/')}.html", **context), status  # type: ignore[union-attr]


def token_here() -> str:
    """The signed token in the address of the page, for the page's own links."""
    return str((request.view_args or {})["token"])


def prepared() -> Any:
    """What the route's `prepare` returned, before the transaction began."""
    return g.prepared


def _go_through(guard: Guard, view: View, url: dict[str, Any]) -> Any:
    if not all(is_storable(str(value)) for value in url.values()):
        abort(404)
    if request.method != "POST":
        answer = _answer(guard, view, url)
        db.session.close()  # a roll-back would make each thing that was read forget what it says, one by one
        return answer
    try:
        return _write(guard, view, url)
    except (Refused, IntegrityError) as refusal:
        db.session.rollback()
        if not guard.is_form:
            raise
        g.refusal = _readable(refusal)
        answer = _answer(guard, view, url)  # the form as it was typed, with the reason; it commits nothing
        db.session.rollback()
        if "refusal" in g:  # the view showed no form that could say it
            raise refusal
        return answer
    except BaseException:
        db.session.rollback()
        raise


def _write(guard: Guard, view: View, url: dict[str, Any]) -> Any:
    _ = request.form, request.files  # the whole body is here before the transaction begins
    if guard.prepare is not None:
        who()
        db.session.rollback()  # on SQLite nobody can commit while we read, and files take their time
        g.prepared = guard.prepare()
    begin_to_write()
    answer = current_app.make_response(_answer(guard, view, url))
    if answer.status_code < 400:
        db.session.commit()
    else:
        db.session.rollback()
    return answer


def _answer(guard: Guard, view: View, url: dict[str, Any]) -> Any:
    principal = who()
    if principal.person_id is None and guard.can != PUBLIC:
        return _sign_in_first()
    thing = guard.of(principal, **url) if guard.of else None
    if guard.of and thing is None:
        abort(404)
    answer = site().abilities[guard.can].ask(principal, thing, now())
    if answer is Answer.NOT_YOU:
        raise NotAllowed
    if answer is Answer.DONE and request.method != "POST":
        raise Refused("This is done already, so nothing more is needed.")
    if answer is Answer.NOT_NOW:
        raise Refused("This cannot be done now: its time has passed or not come, or somebody has already done it.")
    return view(thing) if guard.of else view(**url)


def _sign_in_first() -> BaseResponse:
    """To the sign-in page and, for a page, back here afterwards."""
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for(site().sign_in_endpoint, next=back))


def _readable(refusal: Refused | IntegrityError) -> Refused | str:
    if isinstance(refusal, Refused):
        return refusal
    name = constraint_name(refusal)
    if name is None:
        raise refusal
    return name
