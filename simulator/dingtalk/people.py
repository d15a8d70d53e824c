"""People and departments as the vendor numbers them."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.company import Company, Person
from simulator.ids import stable

ROOT = 1


def union_id(person: Person) -> str:
    """The person's id across the apps of one maker."""
    return stable("", "dingtalk-union", person.id, length=22) + "iE"


def sender_id(key: str) -> str:
    """The encrypted id that messages carry; it identifies nobody."""
    return "$:LWCP_v1:$" + stable("", "dingtalk-sender", key, length=32)


@dataclass(frozen=True, slots=True)
class Department:
    """One department; the root is number 1 and has no path."""

    id: int
    path: str
    parent: int

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


class Directory:
    """The company's people by their userid, union id and mobile, and its departments."""

    def __init__(self, company: Company) -> None:
        self._people = company.people
        self._by_userid = {person.userid: person for person in company.people}
        self.departments = _departments(company)

    def person(self, userid: object) -> Person | None:
        """The person with this userid."""
        return self._by_userid.get(str(userid))

    def by(self, userid_type: int, key: str) -> Person | None:
        """The person with this userid (type 1) or union id (type 2)."""
        return self.person(key) if userid_type == 1 else self.by_union_id(key)

    def by_union_id(self, key: object) -> Person | None:
        """The person with this union id."""
        return next((person for person in self._people if union_id(person) == key), None)

    def by_mobile(self, mobile: str) -> Person | None:
        """The person with this mobile number, +86 or not."""
        wanted = mobile.removeprefix("+86").removeprefix("-")
        return next((person for person in self._people if person.mobile == wanted), None)

    def department_of(self, person: Person) -> int:
        """The number of the person's department."""
        return next((one.id for one in self.departments if one.path == person.team), ROOT)

    def members(self, department: int) -> list[Person]:
        """Who is directly in the department."""
        return [person for person in self._people if self.department_of(person) == department]

    def leads(self, person: Person) -> bool:
        """True when somebody of the person's own department has them as leader."""
        return any(other.leader == person.id and other.team == person.team for other in self._people)


def _departments(company: Company) -> tuple[Department, ...]:
    paths = {""}
    for person in company.people:
        parts = person.team.split("/") if person.team else []
        paths.update("/".join(parts[:length]) for length in range(1, len(parts) + 1))
    numbers = {path: ROOT + place for place, path in enumerate(sorted(paths))}
    return tuple(
        Department(number, path or company.name, numbers[path.rpartition("/")[0]] if path else 0)
        for path, number in numbers.items()
    )
