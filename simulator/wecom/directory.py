"""The company as its directory shows it: userids, departments, who is where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.company import Company, Person
from simulator.ids import stable

ROOT = 1
ACTIVE = 1


@dataclass(frozen=True, slots=True)
class Department:
    """One node of the tree; `path` is its place below the company."""

    id: int
    name: str
    parent: int
    path: str


class Directory:
    """Finds people by userid and departments by number; everybody is in the app's visible range."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._people = {person.userid: person for person in company.people}
        self.departments = _tree(company)
        self._by_path = {department.path: department for department in self.departments.values()}
        self._open = {open_userid(person): person for person in company.people}

    def person(self, key: Any) -> Person | None:
        """The person with this userid, however it is spelled."""
        return self._people.get(str(key).lower())

    def by_open_userid(self, key: Any) -> Person | None:
        """The person behind an encrypted id."""
        return self._open.get(str(key))

    def department_of(self, person: Person) -> Department:
        """Where the person stands; the company itself for people without a team."""
        return self._by_path.get(person.team, self.departments[ROOT])

    def members(self, department: int, *, deep: bool) -> list[Person]:
        """The people of a department, with those of the departments below it when `deep`."""
        wanted = {d.id for d in self.below(department)} if deep else {department}
        return [p for p in self._company.people if self.department_of(p).id in wanted]

    def below(self, department: int) -> list[Department]:
        """The department and all below it."""
        top = self.departments.get(department)
        if top is None:
            return []
        inside = f"{top.path}/" if top.path else ""
        return [d for d in self.departments.values() if d.id == top.id or d.path.startswith(inside)]

    def view(self, person: Person) -> dict[str, Any]:
        """The person as user/get answers it: no mobile, no mail, no picture for an app of today."""
        department = self.department_of(person)
        return {
            "userid": person.userid,
            "name": person.name,
            "department": [department.id],
            "order": [0],
            "position": person.job_title,
            "is_leader_in_dept": [1 if person.role in ("主管", "总监") else 0],
            "direct_leader": [person.leader.lower()] if person.leader else [],
            "status": ACTIVE,
            "main_department": department.id,
            "alias": "",
            "telephone": "",
            "extattr": {"attrs": []},
            "external_position": "",
        }

    def leaders(self, department: int) -> list[str]:
        """The userids of those who lead a department."""
        return [p.userid for p in self.members(department, deep=False) if p.role in ("主管", "总监")]


def open_userid(person: Person) -> str:
    """The person's id towards a bot that no super-administrator made."""
    return stable("wo", "open", person.id, length=30)


def _tree(company: Company) -> dict[int, Department]:
    departments = {ROOT: Department(ROOT, company.name, 0, "")}
    numbers = {"": ROOT}
    for person in company.people:
        path, above = "", ""
        for name in filter(None, person.team.split("/")):
            above, path = path, f"{path}/{name}" if path else name
            if path not in numbers:
                numbers[path] = len(numbers) + 1
                departments[numbers[path]] = Department(numbers[path], name, numbers[above], path)
    return departments
