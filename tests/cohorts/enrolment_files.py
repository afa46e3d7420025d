"""Enrolment files as tests write them: one good row, and what each test changes in it."""

HEADER = (
    "Student number,Surname,Forename,Email,Course code,Course title,Level,"
    "Module code,Academic year,Period,Occurrence,Mode,Visa sponsored,Status"
)
CELLS = {
    "Student number": "21034567",
    "Surname": "Okafor",
    "Forename": "Ada",
    "Email": "ada.okafor@students.example.ac.uk",
    "Course code": "UDCOMDEV",
    "Course title": "BSc Community Development",
    "Level": "6",
    "Module code": "WL6W50",
    "Academic year": "2026/27",
    "Period": "YEAR",
    "Occurrence": "A",
    "Mode": "Full-time",
    "Visa sponsored": "No",
    "Status": "Registered",
}


def line(**changed: str) -> str:
    """One line of the file; keywords are headings with `_` for spaces, values are put in as they are."""
    return ",".join((CELLS | {name.replace("_", " "): cell for name, cell in changed.items()}).values())


def file(*lines: str) -> bytes:
    """A file of those lines under the usual headings, UTF-8 and CRLF."""
    return "\r\n".join([HEADER, *lines, ""]).encode()
