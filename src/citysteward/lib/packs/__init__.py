"""Packs: folders of data that make the product a city's own. Data only, never Python.

`PackReader` reads a pack's files and knows the line of every value, so that whatever is wrong is
said by file and line. Each context registers a `Section`; `check_pack` and `load_pack` walk them.
"""

from citysteward.lib.packs.findings import PackError, PackFinding
from citysteward.lib.packs.loading import (
    LoadReport,
    Manifest,
    Progress,
    Section,
    check_pack,
    load_pack,
    register,
    sections,
    silent,
)
from citysteward.lib.packs.reader import Feature, PackReader, Row

__all__ = [
    "Feature",
    "LoadReport",
    "Manifest",
    "PackError",
    "PackFinding",
    "PackReader",
    "Progress",
    "Row",
    "Section",
    "check_pack",
    "load_pack",
    "register",
    "sections",
    "silent",
]
