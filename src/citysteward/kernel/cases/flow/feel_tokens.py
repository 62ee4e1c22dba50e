"""Cut the text of an S-FEEL expression into tokens."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from citysteward.kernel.cases.flow.errors import FeelError

MAX_LENGTH = 4_000


class Kind(Enum):
    """What a token is."""

    NUMBER = "number"
    TEXT = "text"
    MOMENT = "moment"
    SIGN = "sign"
    NAME = "name"
    END = "end"


@dataclass(frozen=True)
class Token:
    """One token and where it begins in the text (from 0)."""

    kind: Kind
    text: str
    position: int


_TOKEN = re.compile(
    r"""
    (?P<NUMBER>(?:[0-9]+(?:\.(?!\.)[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)
    | (?P<TEXT>"(?:[^"\\]|\\.)*")
    | (?P<MOMENT>@"[^"]*")
    | (?P<SIGN>\*\*|\.\.|<=|>=|!=|[-+*/<>=()\[\],.?])
    | (?P<NAME>[^\W\d]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)
_SPACE = re.compile(r"\s*")
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
_WORD_CHARACTER = re.compile(r"\w")


def is_plain_name(name: str) -> bool:
    """Whether the name is one word, so that the tokenizer needs no help to find it."""
    return _PLAIN_NAME.fullmatch(name) is not None


class Tokenizer:
    """Cuts expressions; it knows the names that hold spaces or signs, such as `Approval Status`.

    calls: names that count only when a bracket follows (the functions `date and time`, …).
    """

    def __init__(self, names: Iterable[str], calls: Iterable[str]) -> None:
        longest_first = sorted({*names, *calls}, key=len, reverse=True)
        self._special = [name for name in longest_first if name and not is_plain_name(name)]
        self._calls = set(calls) - set(names)

    def cut(self, text: str) -> list[Token]:
        """The tokens of the text, closed by an END token. Raises FeelError."""
        if len(text) > MAX_LENGTH:
            raise FeelError(f"an expression may have at most {MAX_LENGTH} characters")
        found: list[Token] = []
        position = self._skip(text, 0)
        while position < len(text):
            token = self._special_at(text, position) or self._plain_at(text, position)
            found.append(token)
            position = self._skip(text, position + len(token.text))
        found.append(Token(Kind.END, "", position))
        return found

    @staticmethod
    def _skip(text: str, position: int) -> int:
        match = _SPACE.match(text, position)
        return match.end() if match else position

    def _special_at(self, text: str, position: int) -> Token | None:
        for name in self._special:
            end = position + len(name)
            if not text.startswith(name, position) or _WORD_CHARACTER.match(text, end):
                continue
            if name in self._calls and text[self._skip(text, end) :][:1] != "(":
                continue
            return Token(Kind.NAME, name, position)
        return None

    @staticmethod
    def _plain_at(text: str, position: int) -> Token:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise FeelError(f"{text[position : position + 10]!r} can't be read here")
        return Token(Kind[match.lastgroup], match.group(), position)
