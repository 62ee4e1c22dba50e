"""Trees in PostgreSQL: the type `ltree` for Django, and labels made from codes.

A code is lower-case words joined by hyphens. A label may hold hyphens only from PostgreSQL 16 on,
hence underscores, which codes don't have: no two codes share a label.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Lookup

CODE_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_CODE = re.compile(CODE_PATTERN)


class NoTree(ValueError):
    """Nodes that make no tree: a parent that isn't there, or a circle."""


class LtreeField(models.Field):  # type: ignore[type-arg]  # generic in its stubs only
    """A path from the root, such as `boston.boston_roxbury`; as text in Python."""

    description = "A path in a tree"

    def db_type(self, connection: Any) -> str:
        return "ltree"


@LtreeField.register_lookup
class Within(Lookup):
    """`path__within="boston"`: the node itself and everything below it."""

    lookup_name = "within"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"{left} <@ {right}::ltree", (*left_values, *right_values)


def path_of(code: str, above: str = "") -> str:
    """The path of a node called `code` below the path `above`. ValueError if it is no code."""
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is no code: write lower-case words joined by hyphens")
    label = code.replace("-", "_")
    return f"{above}.{label}" if above else label


def paths_of(parents: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """The path of every code in `parents` (code to parent, "" at the root).

    `known` holds the paths of nodes that are there already. Raises NoTree, or ValueError for
    what is no code.
    """
    paths: dict[str, str] = {}

    def path(code: str, below: tuple[str, ...]) -> str:
        if code in paths:
            return paths[code]
        if code in below:
            raise NoTree(f"{' in '.join([*below, code])}: they lie in a circle")
        if code not in parents:
            if code not in known:
                raise NoTree(f"{below[-1]} lies in {code}, which isn't there")
            return known[code]
        above = parents[code]
        paths[code] = path_of(code, path(above, (*below, code)) if above else "")
        return paths[code]

    for code in parents:
        path(code, ())
    return paths
