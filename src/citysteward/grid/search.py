"""Finding a kind of problem by a few words, in either language; pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LATIN = re.compile(r"[a-z0-9]+")
_HAN = re.compile(r"[㐀-鿿]+")

NAME, KEYWORD, AROUND = 8, 4, 1
"""What a hit weighs in the name, among the keywords, in the group's name and the hint."""

NOISE = frozenset(
    {
        "a", "an", "and", "at", "are", "by", "for", "has", "have", "in", "is", "it", "my", "near",
        "of", "on", "or", "our", "the", "there", "this", "to", "was", "with",
    }
)  # fmt: skip
NOISE_ZH = frozenset("的了在我是有一不很这那个们")


@dataclass(frozen=True)
class Searchable:
    """What a kind of problem is found by; texts of both languages side by side."""

    code: str
    names: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    around: tuple[str, ...] = ()


def ranked(text: str, offered: Iterable[Searchable]) -> list[str]:
    """Codes of what matches `text`, the best first, equals in the order offered.

    Empty text matches nothing. A sentence matches by any of its words, so that
    “the street light is broken” and “路灯不亮了” both find the street light.
    """
    terms = terms_of(text)
    scored = [(_score(terms, one), place, one.code) for place, one in enumerate(offered)]
    return [code for score, _place, code in sorted(scored, key=_best_first) if score]


def _best_first(row: tuple[int, int, str]) -> tuple[int, int]:
    return -row[0], row[1]


def terms_of(text: str) -> list[str]:
    """The words of a question: Latin words, and of each Chinese run its pairs of signs."""
    plain = _plain(text)
    latin = [word for word in _LATIN.findall(plain) if word not in NOISE]
    chinese = [pair for run in _HAN.findall(plain) for pair in _pairs(run)]
    return list(dict.fromkeys([*latin, *chinese]))


def _pairs(run: str) -> list[str]:
    if len(run) == 1:
        return [] if run in NOISE_ZH else [run]
    pairs = (run[i : i + 2] for i in range(len(run) - 1))
    return [pair for pair in pairs if not set(pair) <= NOISE_ZH]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _score(terms: Sequence[str], one: Searchable) -> int:
    fields = ((NAME, one.names), (KEYWORD, one.keywords), (AROUND, one.around))
    return sum(
        weight * any(_holds(term, text) for text in texts)
        for term in terms
        for weight, texts in fields
    )


def _holds(term: str, text: str) -> bool:
    """Whether the text has the term: Chinese anywhere, Latin at the start of a word."""
    plain = _plain(text)
    if _HAN.match(term):
        return term in plain
    stem = term[:-1] if len(term) > 3 and term.endswith("s") else term
    return any(word.startswith(stem) for word in _LATIN.findall(plain))
