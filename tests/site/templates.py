"""Which templates there are, which are used, and what each may not contain."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from jinja2 import Environment, TemplateError, nodes
from jinja2.meta import find_referenced_templates
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect

MAY_SAY_SAFE: frozenset[str] = frozenset()  # templates that may print a value unescaped, each with its reason
MAIL = "mail/"  # mail has no policy header, and its readers no style sheets

TEMPLATE_CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
INLINE = {
    "an inline style": re.compile(r"\sstyle\s*=|<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an address that is script": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
}
FIXED_ADDRESS = re.compile(r"\b(?:href|action|formaction)=\"(/[^\"{]*)\"")
WRITTEN = re.compile(r"[\w/-]+\.(?:html|txt)")
ROUTES = ("get", "post", "form")


def template_problems(env: Environment, names: Iterable[str]) -> Iterator[str]:
    """What is wrong with the templates' own text: it must compile, name what exists, escape, and hold nothing inline."""
    for name in names:
        source = _source(env, name)
        try:
            env.get_template(name)
            tree = env.parse(source)
        except TemplateError as error:
            yield f"{name} does not compile: {error}"
            continue
        yield from (
            f"{name} uses {wanted}, which does not exist" for wanted in referenced(tree) if not exists(env, wanted)
        )
        if name not in MAY_SAY_SAFE and any(found.name == "safe" for found in tree.find_all(nodes.Filter)):
            yield f"{name} prints a value as safe"
        if any(tree.find_all(nodes.ScopedEvalContextModifier)):
            yield f"{name} changes the escaping"
        text = TEMPLATE_CODE.sub("x", source)
        yield from (
            f"{name} has {what}" for what, found in INLINE.items() if not name.startswith(MAIL) and found.search(text)
        )


def unused(env: Environment, names: Iterable[str], named_by_code: Iterable[str]) -> list[str]:
    """The templates that no code names and no used template leads to. `named_by_code` may hold `*` for one name."""
    names = set(names)
    patterns = [re.compile(re.escape(each).replace(r"\*", "[^/]+")) for each in named_by_code]
    used = {name for name in names if any(pattern.fullmatch(name) for pattern in patterns)}
    reached: set[str] = set()
    while used - reached:
        name = (used - reached).pop()
        reached.add(name)
        used |= referenced(env.parse(_source(env, name))) & names
    return sorted(names - used)


def referenced(tree: nodes.Template) -> set[str]:
    """The templates that one extends, includes or imports by a name that is written out."""
    return {name for name in find_referenced_templates(tree) if name is not None}


def exists(env: Environment, name: str) -> bool:
    """Whether the environment can find the template."""
    return name in env.list_templates()


def pages_of(source: str, area: str) -> set[str]:
    """The templates of a file of views: `area/view.html` for each routed function that calls `page()`."""
    return {
        f"{area}/{function.name}.html"
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef) and any(_is_route(each) for each in function.decorator_list)
        if any(isinstance(node, ast.Call) and getattr(node.func, "id", "") == "page" for node in ast.walk(function))
    }


def written_in(source: str) -> set[str]:
    """The templates that a Python source writes out, `*` for a part put in at run time, and those of its notices."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        found |= {text for text in _strings([node]) if WRITTEN.fullmatch(text)}
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values]
            if parts[-1] in (".html", ".txt") and parts[0].endswith("/"):
                found.add("".join(parts))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Notice":
            given = [*node.args[:1], *(each.value for each in node.keywords if each.arg == "name")]
            found |= {
                f"mail/{str(each.value).replace('.', '/')}.html" for each in given if isinstance(each, ast.Constant)
            }
    return found


def named_by_code(root: Path) -> tuple[set[str], set[str]]:
    """From a folder of packages: the pages that its views show, and every template that its sources write out."""
    pages, written = set(), set()
    for path in sorted(root.rglob("*.py")):
        source = path.read_text("utf-8")
        pages |= pages_of(source, path.parent.name)
        written |= written_in(source)
    return pages, written


def address_problems(env: Environment, names: Iterable[str], site: Map, asset: Callable[[str], str]) -> Iterator[str]:
    """Links of templates to an endpoint, an address or a static file that is not there."""
    for name in names:
        source = _source(env, name)
        for call in env.parse(source).find_all(nodes.Call):
            called, first = getattr(call.node, "name", ""), call.args[0] if call.args else None
            if isinstance(first, nodes.Const):
                yield from (f"{name}: {why}" for why in _call_problems(called, str(first.value), site, asset))
        yield from (
            f"{name} links to {path}, which is no page"
            for path in FIXED_ADDRESS.findall(source)
            if not leads_somewhere(path, site)
        )


def endpoint_problems(sources: Mapping[str, str], site: Map) -> Iterator[str]:
    """Calls of `url_for` in Python sources, by name, that name no endpoint."""
    for name, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "url_for" and node.args:
                unknown = [endpoint for endpoint in _strings(node.args[:1]) if not has_endpoint(endpoint, site)]
                yield from (f"{name}:{node.lineno} links to {endpoint}, which is no endpoint" for endpoint in unknown)


def has_endpoint(endpoint: str, site: Map) -> bool:
    """Whether some rule answers under that name."""
    return any(rule.endpoint == endpoint for rule in site.iter_rules())


def leads_somewhere(path: str, site: Map) -> bool:
    """Whether a GET of that address reaches a rule."""
    try:
        site.bind("localhost").match(re.split(r"[?#]", path)[0], method="GET")
    except (RequestRedirect, MethodNotAllowed):
        return True
    except NotFound:
        return False
    except HTTPException:
        return False
    return True


def _call_problems(called: str, value: str, site: Map, asset: Callable[[str], str]) -> Iterator[str]:
    endpoint = {"url_for": value, "url_for_security": f"security.{value}"}.get(called)
    if endpoint is not None and not has_endpoint(endpoint, site):
        yield f"links to {endpoint}, which is no endpoint"
    if called == "asset":
        try:
            asset(value)
        except FileNotFoundError:
            yield f"uses {value}, which is no static file"


def _strings(found: Iterable[ast.AST]) -> Iterator[str]:
    yield from (node.value for node in found if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _source(env: Environment, name: str) -> str:
    assert env.loader is not None
    return env.loader.get_source(env, name)[0]


def _is_route(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "attr", "") in ROUTES
