"""Sections: what each context reads from a pack, checks and loads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from citysteward.lib.packs.findings import PackError, PackFinding
from citysteward.lib.packs.reader import PackReader
from citysteward.lib.words import Words, WordsField

MANIFEST = "pack.yaml"


class Manifest(BaseModel):
    """`pack.yaml`: what the pack is and what its city goes by."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    names: WordsField
    city: str
    """Code of the area that is the city as a whole."""
    calendar: str
    """Code of the calendar that deadlines and periods follow."""
    currency: str
    """ISO 4217 code."""


Progress = Callable[[int, int], None]
"""Told what is done and the total; the total is 0 if it is not known."""


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""
    del done, total


@dataclass(frozen=True)
class LoadReport:
    """How many things of a section were created, changed, and left as they are."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Section:
    """One context's part of a pack.

    `load` gets the reader, the actor and the progress. Loading twice changes nothing. Sections
    are checked and loaded by ascending order: areas before the organisations that serve them.
    """

    name: str
    order: int
    check: Callable[[PackReader], list[PackFinding]]
    load: Callable[[PackReader, Any, Progress], LoadReport]


_registered: dict[str, Section] = {}


def register(section: Section) -> None:
    """Add a section; to be called at start-up. Raises ValueError if the name is taken."""
    if _registered.get(section.name, section) != section:
        raise ValueError(f"Two sections are named {section.name!r}")
    _registered[section.name] = section


def sections() -> Sequence[Section]:
    """All sections, in the order in which they are loaded."""
    return sorted(_registered.values(), key=lambda section: (section.order, section.name))


def check_pack(pack: PackReader) -> list[PackFinding]:
    """Everything wrong with a pack, sorted by file and line."""
    manifest, findings = pack.model(MANIFEST, Manifest)
    if manifest is not None and manifest.code != pack.code:
        words = Words(
            en=f"code must be {pack.code}, the name of the pack's folder.",
            zh=f"code 应为配置包文件夹名 {pack.code}。",
        )
        findings.append(pack.finding(MANIFEST, ("code",), words))
    for section in sections():
        try:
            findings += section.check(pack)
        except PackError as error:
            findings += error.findings
    # Two sections may read one file: each thing wrong is said once.
    return sorted(
        dict.fromkeys(findings), key=lambda found: (found.file, found.line, found.message.en)
    )


def load_pack(
    pack: PackReader, *, actor: Any, progress: Callable[[str], Progress] = lambda _: silent
) -> dict[str, LoadReport]:
    """Check a pack and load its sections; `progress` makes one for the section it is given.

    Raises PackError, and loads nothing, if the check finds an error.
    """
    errors = [found for found in check_pack(pack) if found.severity == "error"]
    if errors:
        raise PackError(errors)
    return {
        section.name: section.load(pack, actor, progress(section.name)) for section in sections()
    }
