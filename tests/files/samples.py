"""Small files of each kind that is taken."""

import io
import zipfile


def zipped(*parts: tuple[str, str]) -> bytes:
    """A zip file of the parts, in order, the first kept as it is (which is how OpenDocument wants it)."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return made.getvalue()


def _office(part: str) -> bytes:
    return zipped(("[Content_Types].xml", "<Types/>"), ("docProps/app.xml", "<x/>"), (part, "<x/>"))


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde\0\0\0\0IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9"
DOCX = _office("word/document.xml")
PPTX = _office("ppt/presentation.xml")
XLSX = _office("xl/workbook.xml")
ODT = zipped(("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<x/>"))
