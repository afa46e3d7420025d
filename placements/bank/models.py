"""Comments to be used again when marking."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.cohorts.models import ComponentKind, ModuleRun
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.people.models import Person

COMMENT_LENGTH = 1000


class BankComment(Model):
    """A marker's own words about a kind of work, and about a criterion of its rubric by title ("": on the whole).

    They outlast the run. In the run that its leader shared them with, every marker finds them too. `uses` counts how
    often they were put into a mark.
    """

    __tablename__ = "bank_comment"
    __table_args__ = (
        UniqueConstraint("owner_id", "kind", "criterion", "text"),
        check_one_of("kind", ComponentKind),
        Index(None, "shared_run_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[ComponentKind] = one_of(ComponentKind)
    criterion: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(String(COMMENT_LENGTH))
    uses: Mapped[int] = mapped_column(default=0)
    shared_run_id: Mapped[int | None] = mapped_column(ForeignKey("module_run.id"))

    owner: Mapped[Person] = relationship()
    shared_run: Mapped[ModuleRun | None] = relationship()
