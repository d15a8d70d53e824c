"""Customer names: the key that makes duplicates equal, and how close a typed name is to a known one. R-CUS-5."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from sales.clean import LIMIT, clean

_LEGAL_END = re.compile(
    r"(?:股份有限公司|有限责任公司|集团有限公司|有限公司|股份公司|总公司|(?<![分子])公司|集团|股份)+$"
)
_LEGAL_INSIDE = re.compile(r"(?:股份|集团)?有限(?:责任)?公司(?=[\u4e00-\u9fff]{1,12}(?:分公司|子公司)$)")
_BRACKETS = re.compile(r"[（(【\[][^（(【\[）)】\]]{0,20}[）)】\]]")
_PUNCTUATION = re.compile(r"[\W_]+")
_COMPANY_LATIN = re.compile(r"(?:co ?\.?,? ?ltd|ltd|inc|corp|llc|gmbh)\.?$", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_STRETCH = re.compile(r"[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+")
NEARLY = 99.0
FAR = 70.0
CORE_NEAR = 75.0
"""The highest score of two names that are not the same normalised name."""


def normalise(name: str) -> str:
    """The key of a name: width, script, case, blanks, brackets and legal forms do not count. R-CUS-5.

    华东医疗器械（杭州）有限公司 and 华东医疗器械 杭州 have one key. A legal form alone stays as it is.
    """
    text = _COMPANY_LATIN.sub("", clean(name[:LIMIT]).lower())
    whole = _PUNCTUATION.sub("", text)
    return _LEGAL_END.sub("", _LEGAL_INSIDE.sub("", whole)) or whole


@lru_cache(maxsize=8192)
def sounds(char: str) -> frozenset[str]:
    """Every toneless reading of one Chinese character; another character is its own sound."""
    from pypinyin import Style
    from pypinyin import pinyin as readings

    found = readings(char, style=Style.NORMAL, heteronym=True, errors="ignore")
    return frozenset(found[0]) if found else frozenset((char,))


@lru_cache(maxsize=8192)
def _syllables(key: str) -> tuple[str, ...]:
    """One syllable per Chinese character of a key, one entry per other character."""
    from pypinyin import lazy_pinyin

    parts: list[str] = []
    for stretch in _STRETCH.findall(key):
        parts += lazy_pinyin(stretch, errors=str) if _HAN.match(stretch) else stretch
    return tuple(parts)


def pinyin(name: str) -> str:
    """Toneless pinyin of the key, without blanks: `huadongyiliao`."""
    return "".join(_syllables(normalise(name)))


def initials(name: str) -> str:
    """First letters of the key's syllables; Latin letters and digits stay: `hdyl`, `ayy3`."""
    return "".join(part[:1] for part in _syllables(normalise(name)))


def score(query: str, name: str) -> float:
    """How close a typed name is, 0 to 100; 100 only for the same key. R-CUS-5, libraries.md 4.

    Chinese: half the best matching stretch, a fifth the whole, three tenths the sound. Latin letters are compared
    with pinyin and initials.
    """
    ours, theirs = normalise(query), normalise(name)
    if ours == theirs:
        return 100.0
    if not ours or not theirs:
        return 0.0
    from rapidfuzz import fuzz

    if ours.isascii():
        short, sound = initials(name), pinyin(name)
        prefix = NEARLY if short.startswith(ours) else 0.0
        return min(NEARLY, max(0.98 * fuzz.partial_ratio(ours, sound), fuzz.ratio(ours, short), prefix))
    whole, part = fuzz.ratio(ours, theirs), fuzz.partial_ratio(ours, theirs)
    near = 0.5 * part + 0.2 * whole + 0.3 * fuzz.partial_ratio(pinyin(query), pinyin(name))
    mine, other = _without_common_town(core(query), core(name))
    shared = max(fuzz.partial_ratio(mine, theirs), fuzz.partial_ratio(other, ours))
    same_kind_only = max(shared, fuzz.ratio(pinyin(mine), pinyin(other))) < CORE_NEAR
    return min(FAR if same_kind_only else NEARLY, near)


def core(name: str) -> str:
    """What tells a name from others of its kind: 苏州瑞康 of 苏州瑞康医疗. The key itself when nothing is left."""
    from sales import nouns

    key = normalise(_BRACKETS.sub("", name)) or normalise(name)
    ends = [found.start() for found in nouns.ENDINGS_ONLY.finditer(key) if found.end() == len(key)]
    return key[: ends[0]] if ends and ends[0] else key


def _without_common_town(one: str, other: str) -> tuple[str, str]:
    """Two cores without the town both begin with, when both have more than that."""
    from sales import nouns

    town = nouns.PLACE.match(one)
    if town and other.startswith(town[0]) and min(len(one), len(other)) > town.end():
        return one[town.end() :], other[town.end() :]
    return one, other


def is_organisation(name: str) -> bool:
    """True when the name ends like one: 医院, 医疗, 公司."""
    from sales import nouns

    return any(found.end() == len(name) for found in nouns.ENDINGS_ONLY.finditer(name))


def keys(name: str) -> tuple[str, ...]:
    """Index keys that narrow the search: neighbouring characters, neighbouring sounds, initials, starts of sounds.

    A name shares a key with every query that scores well against it: bigrams for parts, `~` for homophones, `^` for
    abbreviations (hdyl), `=` for typed pinyin (huadong).
    """
    key = normalise(name)
    parts = _syllables(key)
    grams = [key[at : at + 2] for at in range(max(1, len(key) - 1))] if key else []
    tones = [f"~{a}{b}" for a, b in pairwise(parts) if len(a + b) > 2]
    short = initials(name)
    firsts = [f"^{short[at : at + 2]}" for at in range(max(1, len(short) - 1))] if short else []
    sound, starts, at = "".join(parts), [], 0
    for part in parts:
        starts.append(f"={sound[at : at + 3]}")
        at += len(part)
    return tuple(dict.fromkeys(grams + tones + firsts + starts))
