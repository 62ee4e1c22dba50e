"""What areas declare at start-up: verbs and the pack sections `city` and `areas`."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from shapely.errors import ShapelyError
from shapely.geometry import shape

from citysteward.kernel.areas import events
from citysteward.kernel.areas.actions import load_areas, load_city
from citysteward.kernel.areas.types import AreaSpec
from citysteward.kernel.journal import registry as journal
from citysteward.kernel.journal.types import Actor
from citysteward.lib.packs import (
    LoadReport,
    Manifest,
    PackFinding,
    PackReader,
    Progress,
    Section,
    register,
)
from citysteward.lib.words import Words, WordsField

MANIFEST = "pack.yaml"
AREAS = "areas.yaml"
CODE = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class AreaRow(BaseModel):
    """An area as a pack writes it; `outline` is a feature's `name` in the file's GeoJSON."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=CODE)
    level: str
    parent: str = ""
    names: WordsField
    aliases: tuple[str, ...] = ()
    outline: str = ""


class AreaFile(BaseModel):
    """`areas.yaml`: areas with parents before children."""

    model_config = ConfigDict(extra="forbid")

    outlines: str = ""
    """The GeoJSON file, relative to the pack."""
    areas: tuple[AreaRow, ...]


def declare_all() -> None:
    """Called once by the app's `ready`."""
    journal.declare(events.CITY_LOADED)
    journal.declare(events.AREAS_LOADED)
    register(Section("city", order=10, check=lambda _: [], load=_load_city))
    register(Section("areas", order=20, check=check_areas, load=_load_areas))


def check_areas(pack: PackReader) -> list[PackFinding]:
    """Doubled codes, parents that do not come before, outlines that are missing or broken."""
    if not pack.exists(AREAS):
        return []
    parsed, found = pack.model(AREAS, AreaFile)
    if parsed is None:
        return found
    shapes = _shapes(pack, parsed)
    seen: set[str] = set()
    for i, row in enumerate(parsed.areas):
        for field, en, zh in _problems(row, seen, shapes):
            found.append(pack.finding(AREAS, ("areas", i, field), Words(en=en, zh=zh)))
        seen.add(row.code)
    return found


def _problems(
    row: AreaRow, seen: set[str], shapes: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, str, str]]:
    problems = []
    if row.code in seen:
        problems.append(
            ("code", f"The area {row.code} stands twice; keep one.", f"区划 {row.code} 重复。")
        )
    if row.parent and row.parent not in seen:
        problems.append(
            (
                "parent",
                f"The parent {row.parent} must stand before its children.",
                f"上级区划 {row.parent} 应列在下级之前。",
            )
        )
    if row.outline and not _is_area(shapes.get(row.outline)):
        problems.append(
            (
                "outline",
                f"The GeoJSON file has no valid polygon named {row.outline}.",
                f"GeoJSON 文件中没有名为 {row.outline} 的有效面。",
            )
        )
    return problems


def _is_area(geometry: Mapping[str, Any] | None) -> bool:
    if geometry is None or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return False
    try:
        return not shape(geometry).is_empty
    except (ShapelyError, ValueError, TypeError, IndexError):
        return False


def _shapes(pack: PackReader, parsed: AreaFile) -> dict[str, Mapping[str, Any]]:
    if not parsed.outlines:
        return {}
    return {
        str(feature.properties.get("name", "")): feature.geometry
        for feature in pack.geojson(parsed.outlines)
    }


def _load_city(pack: PackReader, actor: Actor, progress: Progress) -> LoadReport:
    progress(0, 1)
    manifest = pack.read_model(MANIFEST, Manifest)
    changed = load_city(
        manifest.code,
        names=manifest.names,
        area=manifest.city,
        calendar=manifest.calendar,
        currency=manifest.currency,
        actor=actor,
    )
    progress(1, 1)
    return LoadReport(changed=1) if changed else LoadReport(unchanged=1)


def _load_areas(pack: PackReader, actor: Actor, progress: Progress) -> LoadReport:
    if not pack.exists(AREAS):
        return LoadReport()
    parsed = pack.read_model(AREAS, AreaFile)
    shapes = _shapes(pack, parsed)
    progress(0, len(parsed.areas))
    created, changed = load_areas(
        pack.code,
        [
            AreaSpec(
                code=row.code,
                level=row.level,
                names=row.names,
                parent=row.parent,
                aliases=row.aliases,
                outline=shapes[row.outline] if row.outline else None,
            )
            for row in parsed.areas
        ],
        actor=actor,
    )
    progress(len(parsed.areas), len(parsed.areas))
    return LoadReport(created, changed, len(parsed.areas) - created - changed)
