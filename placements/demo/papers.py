"""Small PDF and Word files, the same bytes for the same words: what the story's students hand in."""

import io
import textwrap
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

Section = tuple[str, str]  # a heading, and the paragraph under it
OFFICE = "http://schemas.openxmlformats.org"
WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest moment that a zip file can name


def pdf(title: str, sections: Sequence[Section]) -> bytes:
    """A PDF of one A4 page; what does not fit on it is cut off. Letters beyond Windows-1252 become question marks."""
    lines = [(b"/F2 16", 22, line) for line in textwrap.wrap(title, 56)]
    for heading, paragraph in sections:
        lines.append((b"/F2 12", 28, heading))
        lines += [(b"/F1 11", 15, line) for line in textwrap.wrap(paragraph, 84)]
    drawn = b"\n".join(b"%s Tf 0 -%d Td (%s) Tj" % (font, down, _drawable(line)) for font, down, line in lines)
    page = b"BT 60 790 Td\n%s\nET" % drawn
    return _file(
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    )


def _drawable(line: str) -> bytes:
    plain = line.encode("cp1252", "replace")
    return plain.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")


def _file(*objects: bytes) -> bytes:
    """The numbered objects, then the table of where each begins."""
    made, starts = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        starts.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, b"".join(b"%010d 00000 n \n" % start for start in starts))
    return made + table + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(made))


def docx(title: str, sections: Sequence[Section]) -> bytes:
    """A Word document of the words."""
    said = _paragraph(title, "<w:b/>")
    for heading, paragraph in sections:
        said += _paragraph(heading, "<w:b/>") + _paragraph(paragraph)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{OFFICE}/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{WORD_MAIN}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="main" '
        f'Target="word/document.xml" Type="{OFFICE}/officeDocument/2006/relationships/officeDocument"/>'
        "</Relationships>",
        "word/document.xml": f'<w:document xmlns:w="{OFFICE}/wordprocessingml/2006/main">'
        f"<w:body>{said}</w:body></w:document>",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, LONG_AGO), f'<?xml version="1.0" encoding="UTF-8"?>{content}')
    return made.getvalue()


def _paragraph(text: str, style: str = "") -> str:
    return f'<w:p><w:r><w:rPr>{style}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
