"""What areas declare at start-up: their verbs and their section of a pack."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from citysteward.kernel.areas import events
from citysteward.kernel.areas.actions import load_areas, load_city
from citysteward.kernel.areas.rules import outline_of, outline_problem
from citysteward.kernel.areas.types import AreaDefinition, Level
from citysteward.kernel.calendar import queries as calendars
from citysteward.kernel.calendar.types import UnknownCalendar
from citysteward.kernel.journal import registry as journal
from citysteward.kernel.journal.types import Actor
from citysteward.lib.packs import (
    Feature,
    LoadReport,
    Manifest,
    PackError,
    PackFinding,
    PackReader,
    Progress,
    Section,
    register,
)
from citysteward.lib.trees import CODE_PATTERN
from citysteward.lib.words import Words, WordsField

FILE = "areas.yaml"
MANIFEST = "pack.yaml"
NAME = "name"
"""The property of a GeoJSON feature by which areas.yaml calls it."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AreaRow(_Strict):
    """An area as the pack writes it; `outline` names a feature of the outlines file."""

    code: str = Field(pattern=CODE_PATTERN, max_length=80)
    level: Level
    names: WordsField
    parent: str = ""
    aliases: tuple[str, ...] = ()
    outline: str = ""


class AreaFile(_Strict):
    """`areas.yaml`."""

    outlines: str = ""
    areas: tuple[AreaRow, ...]


def declare_all() -> None:
    """Called once by the app's `ready`."""
    journal.declare(events.CITY_LOADED)
    journal.declare(events.AREA_ADDED)
    journal.declare(events.AREA_CHANGED)
    register(Section("city", order=15, check=lambda _: [], load=load_manifest))
    register(Section("areas", order=20, check=check, load=load))


def load_manifest(pack: PackReader, actor: Actor, progress: Progress) -> LoadReport:
    """The city itself, as `pack.yaml` states it; its calendar is loaded before.

    Raises PackError if it is not: every page of the city reads the clock by its calendar.
    """
    manifest = pack.read_model(MANIFEST, Manifest)
    try:
        calendars.calendar(manifest.calendar)
    except UnknownCalendar as error:
        words = Words(
            en=f"The calendar {manifest.calendar} is declared neither by this pack (calendar.yaml)"
            " nor by one loaded before.",
            zh=f"日历 {manifest.calendar} 未在本配置包（calendar.yaml）中声明，"
            "也未由先前加载的配置包声明。",
        )
        raise PackError([pack.finding(MANIFEST, ("calendar",), words)]) from error
    fact = events.CityFact(
        names=manifest.names,
        root=manifest.city,
        calendar=manifest.calendar,
        currency=manifest.currency,
    )
    changed = load_city(manifest.code, fact, actor=actor)
    progress(1, 1)
    return LoadReport(changed=1) if changed else LoadReport(unchanged=1)


def check(pack: PackReader) -> list[PackFinding]:
    """Doubled codes and names, parents that aren't there, circles, bad outlines, by line."""
    if not pack.exists(FILE):
        return []
    declared, found = pack.model(FILE, AreaFile)
    if declared is None:
        return found
    found += _check_codes(pack, declared)
    found += _check_parents(pack, declared)
    if declared.outlines:
        features = _features(pack, declared.outlines)
        found += _check_outlines(pack, declared, features)
    return found


def load(pack: PackReader, actor: Actor, progress: Progress) -> LoadReport:
    """Add and change the pack's areas as declared."""
    if not pack.exists(FILE):
        return LoadReport()
    declared = pack.read_model(FILE, AreaFile)
    features = _features(pack, declared.outlines) if declared.outlines else {}
    wanted = [
        AreaDefinition(
            code=row.code,
            level=row.level,
            names=row.names,
            parent=row.parent,
            aliases=row.aliases,
            outline=outline_of(features[row.outline].geometry) if row.outline else b"",
        )
        for row in declared.areas
    ]
    created, changed, same = load_areas(pack.code, wanted, actor=actor)
    progress(len(wanted), len(wanted))
    return LoadReport(created, changed, same)


def _features(pack: PackReader, path: str) -> Mapping[str, Feature]:
    return {str(one.properties.get(NAME, "")): one for one in pack.geojson(path)}


def _check_codes(pack: PackReader, declared: AreaFile) -> list[PackFinding]:
    found = []
    codes: set[str] = set()
    aliases: dict[str, str] = {}
    for i, row in enumerate(declared.areas):
        if row.code in codes:
            words = Words(
                en=f"The area {row.code} stands twice: keep one.",
                zh=f"区划 {row.code} 重复，请保留一个。",
            )
            found.append(pack.finding(FILE, ("areas", i, "code"), words))
        codes.add(row.code)
        for alias in row.aliases:
            if alias in aliases:
                words = Words(
                    en=f"{alias} is already another name of {aliases[alias]}: keep one.",
                    zh=f"别名“{alias}”已用于 {aliases[alias]}，请保留一处。",
                )
                found.append(pack.finding(FILE, ("areas", i, "aliases"), words))
            aliases.setdefault(alias, row.code)
    return found


def _check_parents(pack: PackReader, declared: AreaFile) -> list[PackFinding]:
    above = {row.code: row.parent for row in declared.areas}
    found = []
    for i, row in enumerate(declared.areas):
        seen = {row.code}
        parent = row.parent
        while parent and parent in above and parent not in seen:
            seen.add(parent)
            parent = above[parent]
        if parent and (parent in seen or row.parent not in above):
            words = (
                Words(
                    en=f"{row.code} lies in itself by way of {row.parent}: name another parent.",
                    zh=f"{row.code} 经 {row.parent} 归属于自身，请改正上级区划。",
                )
                if row.parent in above
                else Words(
                    en=f"The parent {row.parent} is no area of this file: add it.",
                    zh=f"上级区划 {row.parent} 不在本文件中，请补充。",
                )
            )
            found.append(pack.finding(FILE, ("areas", i, "parent"), words))
    return found


def _check_outlines(
    pack: PackReader, declared: AreaFile, features: Mapping[str, Feature]
) -> list[PackFinding]:
    found = []
    used: set[str] = set()
    for i, row in enumerate(declared.areas):
        if row.outline and row.outline not in features:
            words = Words(
                en=f"{declared.outlines} has no feature with the {NAME} {row.outline}.",
                zh=f"{declared.outlines} 中没有 {NAME} 为“{row.outline}”的要素。",
            )
            found.append(pack.finding(FILE, ("areas", i, "outline"), words))
        elif row.outline in used:
            words = Words(
                en=f"The outline {row.outline} is already another area's.",
                zh=f"边界“{row.outline}”已用于其他区划。",
            )
            found.append(pack.finding(FILE, ("areas", i, "outline"), words))
        used |= {row.outline} - {""}
    for name, feature in features.items():
        if problem := outline_problem(feature.geometry):
            words = Words(
                en=f"{name or 'This feature'} is no outline of an area: {problem}.",
                zh=f"“{name}”不是有效的区划边界：应为 WGS 84 经纬度的面，且边线不得相交。",
            )
            found.append(PackFinding(declared.outlines, feature.line, words))
        elif name not in used:
            words = Words(en=f"No area uses the outline {name}.", zh=f"没有区划使用边界“{name}”。")
            found.append(PackFinding(declared.outlines, feature.line, words, "warning"))
    return found
