"""Dataclasses to JSON and back: one text for one content, and errors that name the field and the row."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from json.encoder import encode_basestring_ascii
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
_SAID = {str: "text", int: "a whole number", bool: "true or false"}
_TOLD: dict[Any, Callable[[Any], str]] = {
    str: encode_basestring_ascii,
    int: str,
    bool: lambda value: "true" if value else "false",
}


def dump(thing: Any) -> str:
    """The canonical JSON of a dataclass: names sorted, no spaces, ASCII only.

    A field at its default is left out, so a text keeps its SHA-256 when the schema gains an optional field.
    """
    return _writer(thing.__class__)(thing)


def load(kind: type[T], text: str | bytes) -> T:
    """Read a `kind` (a dataclass) from JSON; ValueError is one sentence that says where the first trouble is."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        data = json.loads(text, object_pairs_hook=_object, parse_int=_whole)
    except UnicodeDecodeError:
        raise ValueError("The file is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"The file is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise ValueError("The file is not usable: its lists are nested too deeply.") from None
    thing: T = _read(kind, data, "The file")
    return thing


def shown(value: object) -> str:
    """A value as it may stand in an error sentence: quoted, and cut where it would be long."""
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


@cache
def _writer(kind: Any) -> Callable[[Any], str]:
    """What writes a value of that type; put together once, since an instance has many thousands of them."""
    if is_dataclass(kind):
        return _writer_of_fields(kind)
    if kind in _SAID:
        return _TOLD[kind]
    inner = [_writer(one) for one in get_args(kind) if one not in {NoneType, Ellipsis}][-1]
    if get_origin(kind) is UnionType:
        return lambda value: "null" if value is None else inner(value)
    if get_origin(kind) is tuple:
        return lambda value: f"[{','.join(map(inner, value))}]"
    return lambda value: _braced(encode_basestring_ascii(name) + ":" + inner(value[name]) for name in sorted(value))


def _braced(members: Iterable[str]) -> str:
    return f"{{{','.join(members)}}}"


def _writer_of_fields(kind: Any) -> Callable[[Any], str]:
    """One expression for all fields, made from their names as dataclasses make theirs: a loop takes twice as long."""
    known: dict[str, Any] = {}
    each = []
    for name, (inner, default) in sorted(_schema(kind).items()):
        known |= {f"write_{name}": _writer(inner), f"default_{name}": default}
        text = f"""f'"{name}":{{write_{name}(thing.{name})}},'"""
        each.append(text if default is MISSING else f"('' if thing.{name} == default_{name} else {text})")
    writer: Callable[[Any], str] = eval(f"lambda thing: '{{' + ({' + '.join(each)})[:-1] + '}}'", known)  # noqa: S307 - our names alone
    return writer


def _whole(digits: str) -> int:
    if len(digits) > 19:  # more than 64 bits hold, and Python reads thousands only slowly
        raise ValueError(f"The number {digits[:20]}… is too large.")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"The field {shown(twice)} stands twice in one place.")
    return found


@cache
def _schema(kind: Any) -> dict[str, tuple[Any, Any]]:
    """Field name → (type, default or MISSING)."""
    hints = get_type_hints(kind)
    return {field.name: (hints[field.name], field.default) for field in fields(kind)}


def _read(kind: Any, value: Any, name: str) -> Any:
    if is_dataclass(kind):
        return _read_fields(kind, value, name)
    if kind in _SAID:
        if type(value) is not kind:  # exact: JSON's true is not 1
            raise ValueError(f"{name} must be {_SAID[kind]}, not {shown(value)}.")
        return value
    if get_origin(kind) is UnionType:
        (kind,) = (one for one in get_args(kind) if one is not NoneType)
        return None if value is None else _read(kind, value, name)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{name} must be a list, not {shown(value)}.")
        return tuple(_read_within(f"{name} row {row}", get_args(kind)[0], item) for row, item in enumerate(value, 1))
    if get_origin(kind) is Mapping:
        if not isinstance(value, dict):
            raise ValueError(f"{name} must be an object, not {shown(value)}.")
        return {key: _read_within(f"{name} of {shown(key)}", get_args(kind)[1], item) for key, item in value.items()}
    raise TypeError(f"{kind} cannot be read from JSON")


def _read_within(where: str, kind: Any, value: Any) -> Any:
    try:
        return _read(kind, value, "it")
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _read_fields(kind: Any, value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{name} must be an object, not {shown(value)}.")
    schema = _schema(kind)
    for field in value:
        if field not in schema:
            raise ValueError(f"there is no field called {shown(field)}.")
    for field, (_, default) in schema.items():
        if default is MISSING and field not in value:
            raise ValueError(f"{field} is missing.")
    return kind(**{field: _read(schema[field][0], item, field) for field, item in value.items()})
