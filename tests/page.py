"""A page as a browser reads it: heading, text, links, and forms with the values they would send."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import IO, Any
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.datastructures import MultiDict

File = tuple[IO[bytes], str]
Change = str | int | bool | None | File | list[str]

UNREAD = {"script", "style", "template", "title"}
PUSHED = {"submit", "image", "button", "reset"}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = {
    *("address", "article", "aside", "blockquote", "details", "div", "dl", "fieldset", "figure", "footer", "form"),
    *("header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul", *HEADINGS),
}
APART = BLOCKS | {"br", "caption", "dd", "dt", "label", "legend", "li", "option", "summary", "td", "th", "tr"}


@lru_cache(maxsize=2)
def parse(html: str) -> tuple[Element, list[str]]:
    """The document's tree, and the parse errors of the HTML standard, each with its place. For reading only.

    What was just checked is read next: to parse it takes longer than to make it.
    """
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(html)
    lines = html.split("\n")
    errors = [
        f"line {line}: {html5lib.constants.E[code] % values} {lines[min(line, len(lines)) - 1].strip()[:100]!r}"
        for (line, _), code, values in parser.errors
    ]
    return root, errors


def elements(root: Element, *tags: str) -> Iterator[Element]:
    """Every element below (and including) `root`, in order; only those of `tags` where some are given."""
    for each in root.iter():
        if isinstance(each.tag, str) and (not tags or each.tag in tags):
            yield each


def texts(root: Element) -> Iterator[str]:
    """The pieces of text that a person can read, in order, with a space where one stands apart from the next."""
    if not isinstance(root.tag, str) or root.tag in UNREAD:
        return
    if root.text:
        yield root.text
    for child in root:
        apart = [" "] if child.tag in APART else []
        yield from (*apart, *texts(child), *apart)
        if child.tail:
            yield child.tail


def text_of(root: Element) -> str:
    """What a person reads in the element, white space collapsed."""
    return " ".join("".join(texts(root)).split())


def control_type(control: Element) -> str:
    """`text`, `checkbox`, `select`, `textarea`, `submit` …"""
    if control.tag == "input":
        return control.get("type", "text").lower()
    if control.tag == "button":
        return control.get("type", "submit").lower()
    return control.tag


@dataclass(frozen=True)
class Link:
    text: str
    href: str


@dataclass(frozen=True)
class Button:
    """What sends a form; it sends its own name and value too, where it has them."""

    text: str
    name: str
    value: str
    action: str | None


@dataclass
class Form:
    """One form as the page shows it."""

    action: str
    method: str
    is_multipart: bool
    controls: list[Element]
    buttons: list[Button]

    @cached_property
    def names(self) -> list[str]:
        """The names of its fields, each once, in the page's order."""
        return list(dict.fromkeys(control.get("name", "") for control in self.controls))

    @cached_property
    def values(self) -> dict[str, list[str]]:
        """What a browser would send of each field if the person changed nothing (files left out)."""
        return {
            name: [value for control in self._called(name) for value in _sent_by(control)]
            for name in self.names
            if control_type(self._called(name)[0]) != "file"
        }

    def offers(self, name: str) -> list[str] | None:
        """The values that a field of choices offers; None for a field where anything can be typed."""
        controls = self._called(name)
        if all(control_type(control) in ("checkbox", "radio") for control in controls):
            return [control.get("value", "on") for control in controls]
        if all(control.tag == "select" for control in controls):
            return [_value(option) for control in controls for option in elements(control, "option")]
        return None

    def filled(self, changes: Mapping[str, Change], button: str | None = None) -> MultiDict[str, Any]:
        """What is sent after `changes`; fails on a field the form has not, or a choice it does not offer.

        True ticks a box; False and None untick or leave out; a list gives several values; a file is (stream, name).
        """
        unknown = sorted(set(changes) - set(self.names))
        assert not unknown, f"the form has no field {unknown}; it has {self.names}"
        sent: MultiDict[str, Any] = MultiDict()
        for name in self.names:
            values = self._changed(name, changes[name]) if name in changes else self.values.get(name, [])
            for value in values:
                sent.add(name, value)
        pressed = self.button(button)
        if pressed is not None and pressed.name:
            sent.add(pressed.name, pressed.value)
        return sent

    def button(self, text: str | None = None) -> Button | None:
        """The button that reads `text`; without it the first, which is what the Enter key presses."""
        found = [each for each in self.buttons if text is None or each.text == text]
        assert found or text is None, f"no button reads {text!r}; there are {[each.text for each in self.buttons]}"
        return found[0] if found else None

    def _called(self, name: str) -> list[Element]:
        return [control for control in self.controls if control.get("name", "") == name]

    def _changed(self, name: str, change: Change) -> list[Any]:
        offered = self.offers(name)
        if change is None or change is False:
            return []
        if change is True:
            assert offered is not None and len(offered) == 1, f"{name} is not one box to tick"
            return offered
        values: list[Any] = change if isinstance(change, list) else [change]
        values = [str(value) if isinstance(value, int) else value for value in values]
        wrong = [value for value in values if offered is not None and value not in offered]
        assert not wrong, f"{name} does not offer {wrong}; it offers {offered}"
        return values


@dataclass
class Page:
    """An answer, read."""

    html: str
    url: str = ""
    status: int = 200
    location: str = ""

    @cached_property
    def root(self) -> Element:
        return parse(self.html)[0]

    @property
    def main(self) -> Element:
        """The page's main part; the whole body where it names none."""
        found = self.root.find(".//main")
        return self.root if found is None else found

    @property
    def h1(self) -> str:
        found = self.root.find(".//h1")
        return "" if found is None else text_of(found)

    @property
    def title(self) -> str:
        return " ".join("".join(self.root.findtext(".//title", "")).split())

    @property
    def text(self) -> str:
        """Everything there is to read in the main part."""
        return text_of(self.main)

    @property
    def links(self) -> list[Link]:
        """Every link of the whole page, navigation included."""
        return [Link(text_of(a), a.get("href", "")) for a in elements(self.root, "a")]

    def link(self, text: str) -> str:
        """Where the link that reads `text` goes (white space collapsed, hidden words included)."""
        found = [each.href for each in self.links if each.text == text]
        assert found, f"no link reads {text!r}; there are {[each.text for each in self.links]}"
        return found[0]

    @property
    def rows(self) -> list[list[str]]:
        """The cells of every table row in the main part's table bodies."""
        bodies = elements(self.main, "tbody")
        return [
            [text_of(cell) for cell in elements(row, "td", "th")] for body in bodies for row in elements(body, "tr")
        ]

    @property
    def errors(self) -> list[str]:
        """What the error summary on top says, line by line."""
        summaries = [each for each in elements(self.main) if "govuk-error-summary" in each.get("class", "").split()]
        return [text_of(item) for summary in summaries for item in elements(summary, "li")]

    @cached_property
    def forms(self) -> list[Form]:
        return [_form(each, self.root, self.url) for each in elements(self.root, "form")]

    def form(self, which: str | int | None = None) -> Form:
        """One form: by place, by its action, by what a button of it reads; without any, the main part's only one."""
        if isinstance(which, int):
            return self.forms[which]
        if which is None:
            found = [_form(each, self.root, self.url) for each in elements(self.main, "form")]
        else:
            found = [each for each in self.forms if which == each.action or which in [b.text for b in each.buttons]]
        assert len(found) == 1, (
            f"{len(found)} forms for {which!r} at {self.url}; actions: {[f.action for f in self.forms]}"
        )
        return found[0]


def _form(form: Element, root: Element, url: str) -> Form:
    own = set(elements(form))
    disabled = {each for part in elements(root, "fieldset") if "disabled" in part.attrib for each in elements(part)}
    controls = [
        each
        for each in elements(root, "input", "select", "textarea", "button")
        if ("form" not in each.attrib and each in own) or (form.get("id") and each.get("form") == form.get("id"))
        if "disabled" not in each.attrib and each not in disabled
    ]
    return Form(
        action=form.get("action") or url,
        method=form.get("method", "get").lower(),
        is_multipart=form.get("enctype", "").lower() == "multipart/form-data",
        controls=[each for each in controls if each.get("name") and control_type(each) not in PUSHED],
        buttons=[_button(each) for each in controls if control_type(each) in ("submit", "image")],
    )


def _button(button: Element) -> Button:
    text = text_of(button) if button.tag == "button" else button.get("value", "")
    return Button(text, button.get("name", ""), button.get("value", ""), button.get("formaction"))


def _value(option: Element) -> str:
    return option.get("value", text_of(option))


def _sent_by(control: Element) -> list[str]:
    kind = control_type(control)
    if kind in ("checkbox", "radio"):
        return [control.get("value", "on")] if "checked" in control.attrib else []
    if kind == "textarea":
        return [re.sub(r"\r?\n", "\r\n", "".join(control.itertext()))]
    if kind != "select":
        return [control.get("value", "")]
    options = [each for each in elements(control, "option") if "disabled" not in each.attrib]
    chosen = [_value(each) for each in options if "selected" in each.attrib]
    if "multiple" in control.attrib:
        return chosen
    return chosen[-1:] or [_value(each) for each in options[:1]]
