"""Text that people type or send, as the database and XML can hold it."""

import re

# Neither PostgreSQL nor XML takes them; line feeds and tabs stay.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """Without control characters, lone surrogates and surrounding space."""
    return _INVISIBLE.sub("", text).strip()
