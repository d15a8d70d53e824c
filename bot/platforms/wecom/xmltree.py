"""WeCom's XML as plain data. No document types, no entities, no attributes, no unbounded depth."""

from __future__ import annotations

from typing import NoReturn
from xml.parsers import expat

DEPTH = 20

Tree = dict[str, list["str | Tree"]]
"""Element name to what stands in each element of that name, in order: text, or the elements inside."""


class NotXml(ValueError):
    """Not the kind of XML that WeCom sends."""


def read_xml(raw: bytes) -> Tree:
    """What is inside the root element. Raises NotXml."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    open_elements: list[tuple[Tree, list[str]]] = [({}, [])]

    def start(name: str, attributes: object) -> None:
        if len(open_elements) > DEPTH:
            raise NotXml("too deep")
        open_elements.append(({}, []))

    def end(name: str) -> None:
        inside, words = open_elements.pop()
        open_elements[-1][0].setdefault(name, []).append(inside or "".join(words))

    def words(given: str) -> None:
        open_elements[-1][1].append(given)

    def refuse(*_: object) -> NoReturn:
        raise NotXml("a document type")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NotXml(type(error).__name__) from error
    root = next(iter(open_elements[0][0].values()))[0]
    return root if isinstance(root, dict) else {}


def text(tree: Tree, name: str) -> str:
    """The text of the first element of this name; empty when there is none."""
    found = tree.get(name)
    return found[0] if found and isinstance(found[0], str) else ""


def inside(tree: Tree, *path: str) -> list[Tree]:
    """Every element at the end of the path that has elements inside; none when a step is missing."""
    found = [tree]
    for name in path:
        found = [child for holder in found for child in holder.get(name, []) if isinstance(child, dict)]
    return found


def texts(tree: Tree, name: str) -> list[str]:
    """The texts of all elements of this name."""
    return [item for item in tree.get(name, []) if isinstance(item, str)]
