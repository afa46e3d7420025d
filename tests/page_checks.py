"""What every page must satisfy: each check takes the page and names what is wrong with it."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from xml.etree.ElementTree import Element

from tests.page import BLOCKS, HEADINGS, PUSHED, control_type, elements, parse, text_of, texts

LARGEST = 60 * 1024  # bytes of HTML

REFERENCES = ("for", "form", "list", "headers", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns")
ADDRESSES = ("href", "src", "action", "formaction")
HOLDS_ONLY_PHRASES = ("span", "label", "button", "strong", "em", "b", "i", "small", "abbr", "time", *HEADINGS)
HOLDS_ONLY = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd", "div"}, "select": {"option", "optgroup", "hr"}}
INTERACTIVE = ("a", "button", "input", "select", "textarea", "label", "details")

TOKENS = re.compile(r'value="[\w.-]{60,}"')
KNOWN: dict[
    bytes, list[str]
] = {}  # what is wrong with a page; those that differ in their tokens alone are checked once
PROGRAM_TEXT = re.compile(
    r"\{\{|\}\}|\{%|%\}|%\(\w+\)s|\bNone\b|\bUndefined\b|&(?:amp|lt|gt|quot|#\d+);| at 0x[0-9a-f]{6}"
)
PROGRAM_ADDRESS = re.compile(r"\bNone\b|\{\{|%7B%7B", re.IGNORECASE)
ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
SCRIPT_ADDRESS = re.compile(r"\s*(?:javascript|vbscript|data):", re.IGNORECASE)

Check = Callable[[Element], Iterator[str]]


def page_problems(html: str) -> list[str]:
    """Everything wrong with a page; an empty list is a good page."""
    too_large = [f"{len(html.encode())} bytes of HTML, more than {LARGEST}"] if len(html.encode()) > LARGEST else []
    but_for_tokens = sha256(TOKENS.sub('value="token"', html).encode()).digest()
    if but_for_tokens not in KNOWN:
        root, errors = parse(html)
        invalid = [f"not valid HTML: {each}" for each in errors]
        KNOWN[but_for_tokens] = [*invalid, *(each for check in CHECKS for each in check(root))]
    return [*too_large, *KNOWN[but_for_tokens]]


def language(root: Element) -> Iterator[str]:
    if not root.get("lang", "").strip():
        yield "html has no lang"


def one_heading_in_title(root: Element) -> Iterator[str]:
    """One h1, and the title begins with it (after the "Error: " that says so to whoever hears the page)."""
    found = [text_of(each) for each in elements(root, "h1")]
    if len(found) != 1:
        yield f"{len(found)} h1, not one: {found}"
    title = " ".join("".join(root.findtext(".//title", "")).split())
    if any("govuk-error-summary" in each.get("class", "").split() for each in elements(root)):
        title = title.removeprefix("Error: ")
    if found and not (found[0] and title.startswith(found[0])):
        yield f"the title {title!r} does not begin with the h1 {found[0]!r}"


def heading_order(root: Element) -> Iterator[str]:
    """A level is never skipped going down; an error summary's h2 may stand above the h1."""
    above = 1
    for heading in elements(root, *HEADINGS):
        level = int(heading.tag[1])
        if level > above + 1:
            yield f"{heading.tag} {text_of(heading)!r} comes after h{above}"
        if not text_of(heading):
            yield f"an empty {heading.tag}"
        above = level


def identifiers(root: Element) -> Iterator[str]:
    ids = Counter(each.get("id", "") for each in elements(root) if "id" in each.attrib)
    yield from (f"id {each!r} used {count} times" for each, count in ids.items() if count > 1)
    yield from (f"id {each!r} is empty or holds white space" for each in ids if not each or re.search(r"\s", each))
    for element in elements(root):
        for name in REFERENCES:
            for wanted in element.get(name, "").split():
                if wanted not in ids:
                    yield f'{element.tag} {name}="{wanted}" names no id'
        href = element.get("href", "")
        if element.tag == "a" and href.startswith("#") and href != "#" and href[1:] not in ids:
            yield f"link to {href}, which is not on the page"


def nesting(root: Element) -> Iterator[str]:
    """What the parser forgives and the standard does not: blocks in phrases, strangers in lists, links in links."""
    for outer in elements(root, *HOLDS_ONLY_PHRASES):
        yield from (f"{each.tag} inside {outer.tag}" for each in list(outer.iter())[1:] if each.tag in BLOCKS)
    for outer in elements(root, *HOLDS_ONLY):
        allowed = {*HOLDS_ONLY[outer.tag], "script", "template"}
        yield from (
            f"{each.tag} directly in {outer.tag}"
            for each in outer
            if isinstance(each.tag, str) and each.tag not in allowed
        )
    for outer in elements(root, "a", "button"):
        yield from (f"{each.tag} inside {outer.tag}" for each in list(outer.iter())[1:] if each.tag in INTERACTIVE)


def labels(root: Element) -> Iterator[str]:
    """Every field that can be seen has words of its own; radios that belong together have words for them all."""
    named = {each.get("for", "") for each in elements(root, "label") if text_of(each)}
    inside = {each for label in elements(root, "label") if text_of(label) for each in elements(label)}
    for control in elements(root, "input", "select", "textarea"):
        if control_type(control) in (*PUSHED, "hidden"):
            if control_type(control) in PUSHED and not (control.get("value") or control.get("alt")):
                yield "a button without words"
            continue
        if not (control.get("id", "-") in named or control in inside or _words_of(control, root)):
            yield f"field {control.get('name')!r} has no label"
    grouped = {each for group in elements(root) if _is_named_group(group, root) for each in elements(group)}
    for form in elements(root, "form"):
        boxes = [each for each in elements(form, "input") if control_type(each) in ("radio", "checkbox")]
        together = Counter((control_type(each), each.get("name", "")) for each in boxes if each not in grouped)
        yield from (f"{kind} group {name!r} has no legend" for (kind, name), count in together.items() if count > 1)
    yield from ("a fieldset without a legend" for each in elements(root, "fieldset") if not _is_named_group(each, root))


def forms(root: Element) -> Iterator[str]:
    for form in elements(root, "form"):
        name = f"form {form.get('action', '')!r}"
        method = form.get("method", "").lower()
        if not form.get("action", "").strip():
            yield f"{name} has no action"
        if method not in ("get", "post"):
            yield f"{name} does not say its method"
        tokens = [each for each in elements(form, "input") if each.get("name") == "csrf_token"]
        if method == "post" and [control_type(each) for each in tokens if each.get("value")] != ["hidden"]:
            yield f"{name} holds no csrf_token, or more than one"
        if method != "post" and tokens:
            yield f"{name} puts its csrf_token in the address"
        has_files = any(control_type(each) == "file" for each in elements(form, "input"))
        if has_files and form.get("enctype", "").lower() != "multipart/form-data":
            yield f"{name} has a file field but is not multipart"


def nothing_inline(root: Element) -> Iterator[str]:
    """No style, script or handler in the page itself, and nothing from another site: the policy header forbids it."""
    for each in elements(root):
        if "style" in each.attrib or each.tag.endswith("}style") or each.tag == "style":
            yield f"inline style on {each.tag}"
        if each.tag == "script" and "src" not in each.attrib:
            yield "inline script"
        yield from (f"inline handler {name} on {each.tag}" for name in each.attrib if name.lower().startswith("on"))
        yield from (f"script in {name} of {each.tag}" for name in ADDRESSES if _is_script(each, name))
        if each.tag in ("script", "link", "img", "form", "iframe", "source", "use"):
            yield from (
                f"{each.tag} from elsewhere: {each.get(name)}"
                for name in ADDRESSES
                if ELSEWHERE.match(each.get(name, ""))
            )


def images(root: Element) -> Iterator[str]:
    yield from (f"img {each.get('src')!r} has no alt" for each in elements(root, "img") if "alt" not in each.attrib)


def links(root: Element) -> Iterator[str]:
    for each in elements(root, "a", "button"):
        if not (text_of(each) or _words_of(each, root) or any(img.get("alt") for img in elements(each, "img"))):
            yield f"{each.tag} without words: {each.get('href') or each.get('name')}"
    for each in elements(root, "a"):
        if each.get("href", "").strip() in ("", "#"):
            yield f"link {text_of(each)!r} goes nowhere"


def no_program_text(root: Element) -> Iterator[str]:
    """No template source and no Python value where a person reads; what people typed (textareas) is theirs."""
    body = root.find("body")
    typed = {text for area in elements(root, "textarea") for text in texts(area)}
    for text in texts(root if body is None else body):
        if (text not in typed and PROGRAM_TEXT.search(text)) or text.strip() in ("True", "False"):
            yield f"program text: {' '.join(text.split())[:80]!r}"
    for each in elements(root):
        for name in ADDRESSES:
            if PROGRAM_ADDRESS.search(each.get(name, "")):
                yield f"program text in {name}: {each.get(name)}"
        if each.get("value") == "None":
            yield f'{each.tag} {each.get("name")!r} has the value "None"'


def _words_of(element: Element, root: Element) -> bool:
    wanted = element.get("aria-labelledby", "").split()
    return bool(
        element.get("aria-label", "").strip()
        or any(text_of(each) for each in elements(root) if each.get("id") in wanted and wanted)
    )


def _is_named_group(group: Element, root: Element) -> bool:
    names = {"fieldset": "legend", "table": "caption"}
    if group.tag in names and any(text_of(each) for each in group if each.tag == names[group.tag]):
        return True
    return (group.tag == "fieldset" or group.get("role") in ("group", "radiogroup")) and _words_of(group, root)


def _is_script(element: Element, name: str) -> bool:
    return element.tag != "img" and bool(SCRIPT_ADDRESS.match(element.get(name, "")))


CHECKS: tuple[Check, ...] = (
    *(language, one_heading_in_title, heading_order, identifiers, nesting, labels, forms),
    *(nothing_inline, images, links, no_program_text),
)
