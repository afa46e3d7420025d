"""Who may do what with accounts, and the roles that hold everywhere."""

from datetime import date

from sqlalchemy import Integer, Select, String, cast, null, select, type_coerce

from placements.accounts.models import Account, Role
from placements.core.policy import Abilities, anyone, signed_in

ABILITIES: Abilities = {
    "public": anyone,
    "accounts.me": signed_in,
    "accounts.change_password": signed_in,
}


def roles_of(person_id: int, on: date) -> Select[str, int | None]:
    """The roles that a person's account gives them everywhere: (role, nothing)."""
    held = select(type_coerce(Role.name, String).label("role"), cast(null(), Integer).label("held_on"))
    return held.select_from(Account).join(Account.global_roles).where(Account.person_id == person_id)
