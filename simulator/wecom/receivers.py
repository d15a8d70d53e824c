"""Who a message of the app goes to: members, departments and tags, with those that do not exist."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.company import Person
from simulator.wecom.errors import ApiError
from simulator.wecom.http import Json, Request

MAX_USERS, MAX_PARTIES, MAX_TAGS = 1000, 100, 100


@dataclass(slots=True)
class Receivers:
    """Everybody once, in the order named, and the names nobody has."""

    people: dict[str, Person] = field(default_factory=dict)
    invalid_users: list[str] = field(default_factory=list)
    invalid_parties: list[str] = field(default_factory=list)
    invalid_tags: list[str] = field(default_factory=list)
    unlicensed: list[str] = field(default_factory=list)

    def view(self) -> Json:
        """The lists of the answer; empty ones are left out."""
        lists = {
            "invaliduser": self.invalid_users,
            "invalidparty": self.invalid_parties,
            "invalidtag": self.invalid_tags,
            "unlicenseduser": self.unlicensed,
        }
        return {name: "|".join(items) for name, items in lists.items() if items}


def read_receivers(request: Request, body: Json) -> Receivers:
    """The receivers of message/send; refuses when nobody is named, or nobody of those named exists."""
    users, parties, tags = (_split(request, body, name) for name in ("touser", "toparty", "totag"))
    if not (users or parties or tags):
        raise ApiError(82001)
    for items, most, code in ((users, MAX_USERS, 40032), (parties, MAX_PARTIES, 82002), (tags, MAX_TAGS, 82003)):
        if len(items) > most:
            raise ApiError(code)
    found = Receivers()
    if users == ["@all"]:
        _add(request, found, list(request.wecom.company.people))
    else:
        _add_users(request, found, users)
        _add_parties(request, found, parties)
        found.invalid_tags.extend(tags)
    _refuse_first(request, found)
    if not found.people:
        raise ApiError(81013)
    return found


def _split(request: Request, body: Json, name: str) -> list[str]:
    return [item.strip() for item in request.text(body, name).split("|") if item.strip()]


def _add(request: Request, found: Receivers, people: list[Person]) -> None:
    found.people.update((p.userid, p) for p in people if request.wecom.visible(p))


def _add_users(request: Request, found: Receivers, users: list[str]) -> None:
    for userid in users:
        person = request.wecom.person(userid)
        if person is None:
            found.invalid_users.append(userid.lower())
        else:
            found.people[person.userid] = person


def _add_parties(request: Request, found: Receivers, parties: list[str]) -> None:
    directory = request.wecom.directory
    for party in parties:
        number = int(party) if party.isdecimal() else 0
        if number in directory.departments:
            _add(request, found, directory.members(number, deep=True))
        else:
            found.invalid_parties.append(party)


def _refuse_first(request: Request, found: Receivers) -> None:
    """The faults that refuse one receiver."""
    lists = {"unlicensed": found.unlicensed, "invalid_user": found.invalid_users}
    if request.fault in lists and found.people:
        userid = next(iter(found.people))
        del found.people[userid]
        lists[request.fault].append(userid)
