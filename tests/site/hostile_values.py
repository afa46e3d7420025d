"""Values and files that no careful person would send: bytes as they go over the wire, each with its name."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

# What is looked for in the answer: it must not come back as markup, be worked out by a template, or become a header.
MARKUP = b"<i>hostile</i>"
SUM, WORKED_OUT = b"{{ 1337 * 7331 }}", b"9801547"
HEADER = "X-Hostile"

VALUES: dict[str, bytes] = {
    "nothing": b"",
    "spaces": b" \t ",
    "only invisible": "\u00a0\u200b\ufeff".encode(),
    "NUL": b"\0",
    "NUL inside": b"Ada\0Lovelace",
    "control characters": bytes(range(1, 32)) + b"\x7f",
    "lone surrogate": "a\ud800b".encode("utf-8", "surrogatepass"),
    "half an emoji": "😀".encode()[:2],
    "not UTF-8": b"\xff\xfe\xc0\xaf",
    "right to left": "\u202egnp.exe\u2066\u200f".encode(),
    "combining marks": b"e" + "\u0301".encode() * 2000,
    "not a character": "\ufffe\uffff\U0010ffff".encode(),
    "a million characters": b"a" * 1_000_000,
    "a long line of emoji": "😀".encode() * 20_000,
    "many lines": b"\r\n" * 50_000,
    "CR LF": f"Ada\r\n{HEADER}: 1".encode(),
    "LF": f"Ada\n{HEADER}: 1".encode(),
    "CR": f"Ada\r{HEADER}: 1".encode(),
    "line separators": f"Ada\u2028{HEADER}: 1\u2029\x85".encode(),
    "2^31": b"2147483648",
    "2^63": b"9223372036854775808",
    "-2^63-1": b"-9223372036854775809",
    "2^64": b"18446744073709551616",
    "five thousand digits": b"9" * 5000,
    "minus one": b"-1",
    "minus nought": b"-0",
    "not a number": b"NaN",
    "infinity": b"Infinity",
    "beyond floats": b"1e309",
    "underscored": b"1_000",
    "digits of another script": "٣٤".encode(),
    "a superscript": "²".encode(),
    "30 February": b"2027-02-30",
    "day nought": b"0000-00-00",
    "year 10000": b"10000-01-01",
    "last day of all": b"9999-12-31",
    "first day of all": b"0001-01-01",
    "the hour that is not": b"2027-03-28T01:30",
    "25 o'clock": b"25:61",
    "sum formula": b"=1+1",
    "plus formula": b"+1+1",
    "minus formula": b"-1+1",
    "at formula": b"@SUM(1,1)",
    "formula behind a tab": b"\t=1+1",
    "formula that starts a program": b"=cmd|' /C calc'!A0",
    "markup": MARKUP,
    "markup out of an attribute": b'">' + MARKUP,
    "markup out of a textarea": b"</textarea></title>" + MARKUP,
    "template": SUM,
    "template statement": b"{% include 'base.html' %}{{ config }}",
    "format string": b"%s%n%(name)s{0.__class__}",
    "SQL": b"' OR 1=1; DROP TABLE person; --",
    "LIKE": b"%_\\%",
    "search syntax": b'" AND (NEAR* -: OR',
    "a path": b"../../../../etc/passwd",
    "script address": b"javascript:alert(1)",
    "other site": b"//hostile.example/\\@x",
    "broken address": b"http://[::1",
    "mail with a second recipient": b"ada@example.org,bo@example.org",
    "mail with a header": f"ada@example.org\r\n{HEADER}: 1".encode(),
    "a long mail address": b"a" * 70 + b"@" + b"b" * 260 + b".org",
    "mail of another script": "ада@пример.рф".encode(),
    "Python's nothing": b"None",
    "JSON": b'{"$gt": ""}',
    "a list": b"[]",
}
TAKEN_DIFFERENTLY = (  # by one database and another: letters that cannot be kept, numbers and days out of range
    *("nothing", "NUL inside", "lone surrogate", "not UTF-8", "not a character", "a million characters"),
    *("2^31", "2^63", "-2^63-1", "five thousand digits", "not a number", "first day of all"),
)
NAMES = (b"__proto__", b"a\0b", b"\xff", b"[]", b"a.b[0]", b"n" * 5000, b"", b"members-9999999999-name")


@dataclass(frozen=True)
class Upload:
    """A file as it is sent."""

    name: bytes
    content: bytes
    said: str = "application/octet-stream"


def hostile_values(seed: int) -> Iterator[tuple[str, bytes]]:
    """Every fixed value, in an order that the seed gives, and after each one made at random."""
    rng = Random(seed)
    for label in rng.sample(list(VALUES), len(VALUES)):
        yield label, VALUES[label]
        if rng.random() < 0.5:
            yield "random bytes", rng.randbytes(rng.randint(1, 200))
        else:
            text = "".join(chr(rng.randrange(0x110000)) for _ in range(rng.randint(1, 60)))
            yield "random characters", text.encode("utf-8", "surrogatepass")


@cache
def hostile_files() -> dict[str, Upload]:
    """Files that are not what they say, are cut short, swell when opened, or have a name that is an attack."""
    bomb, sheet = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 20_000_000)
        archive.writestr("[Content_Types].xml", b"\0" * 20_000_000)
    with zipfile.ZipFile(sheet, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>')
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    picture = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    )
    return {
        "empty": Upload(b"cv.pdf", b"", "application/pdf"),
        "HTML called PDF": Upload(b"cv.pdf", b"<!doctype html><script>alert(1)</script>", "application/pdf"),
        "a program called PNG": Upload(b"me.png", b"MZ\x90\0" + b"\0" * 500, "image/png"),
        "a drawing with a script": Upload(
            b"me.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='go()'/>", "image/svg+xml"
        ),
        "zip bomb": Upload(b"report.docx", bomb.getvalue()),
        "zip bomb called a sheet": Upload(b"roster.xlsx", bomb.getvalue()),
        "sheet with entities": Upload(b"roster.xlsx", sheet.getvalue()),
        "huge picture": Upload(b"me.png", picture, "image/png"),
        "cut PDF": Upload(b"cv.pdf", b"%PDF-1.7\n1 0 obj\n<<", "application/pdf"),
        "cut zip": Upload(b"report.docx", bomb.getvalue()[:200]),
        "cut picture": Upload(b"me.png", picture[:40], "image/png"),
        "name with a path": Upload(b"../../../../tmp/x.pdf", b"%PDF-1.7"),
        "name with NUL": Upload(b"cv.pdf\0.html", b"%PDF-1.7"),
        "name too long": Upload(b"n" * 5000 + b".pdf", b"%PDF-1.7"),
        "name right to left": Upload("cv\u202efdp.exe".encode(), b"%PDF-1.7"),
        "name of dots": Upload(b"..", b"%PDF-1.7"),
        "two endings": Upload(b"cv.pdf.html", b"%PDF-1.7", "text/html"),
        "sheet of formulas": Upload(b"roster.csv", b"Student number,Surname\r\n=1+1,@SUM(1)\r\n+1,-1\r\n", "text/csv"),
        "sheet with NUL": Upload(b"roster.csv", b"Student number,Surname\r\n\0,\0\r\n", "text/csv"),
        "sheet never unquoted": Upload(b"roster.csv", b'Student number,"Surname\r\n' + b"1,2\r\n" * 2000, "text/csv"),
        "sheet in UTF-16": Upload(b"roster.csv", "Student number,Surname\r\n1,Ø\r\n".encode("utf-16"), "text/csv"),
        "sheet with a huge cell": Upload(b"roster.csv", b"Student number\r\n" + b"9" * 200_000, "text/csv"),
        "sheet of one wide row": Upload(b"roster.csv", b"," * 100_000, "text/csv"),
        "no sheet at all": Upload(b"roster.csv", b"\x89PNG\r\n\x1a\n\0\xff", "text/csv"),
    }
