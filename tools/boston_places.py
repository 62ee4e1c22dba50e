"""Boston's areas and organisations, held against the city's own cases.

    python -m tools.boston_places CASES.parquet OUTLINES.geojson

`packs/boston/areas.yaml` and `packs/boston/organisations.yaml` are kept by hand, for their words
in two languages. This says what they should hold (code, parent and exact texts), as far as the
cases and the outlines decide it, and fails where they lack it or say otherwise. The rules are
told in `packs/boston/SOURCES.md`.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import shapely
import yaml

from tools.boston_catalogue import CITY, PACK, located, read_outlines, slug

AREAS = PACK / "areas.yaml"
ORGANISATIONS = PACK / "organisations.yaml"
ROOT = "city-of-boston"

# Queues begin with the abbreviation of the department that owns them, wherever their cases were
# filed. The first that matches counts.
OWNERS = {
    "ANML": "Animal Control",
    "BTDT_": "Transportation - Traffic Division",
    "BWSC_": "Boston Water & Sewer Commission",
    "CHT_": "City Hall Truck",
    "DISB_": "Disability Department",
    "HS_Disabilities": "Disability Department",
    "HS_OCR": "Civil Rights",
    "HS_Veterans": "Veterans",
    "HS_Youthline": "Youthline",
    "INFO": "Mayor's 24 Hour Hotline",
    "ISD_": "Inspectional Services",
    "PARK_": "Parks & Recreation Department",
    "PROP_": "Property Management",
    "PWDx_": "Public Works Department",
}


@dataclass(frozen=True)
class Place:
    """An area or organisation as the data decide it: its names are a matter of words."""

    code: str
    kind: str
    parent: str
    aliases: tuple[str, ...]
    outline: str = ""


# Areas


def areas(cases: pl.DataFrame, outlines: Mapping[str, shapely.Geometry]) -> list[Place]:
    """The city, the neighbourhoods as its cases name them, and those that are only outlined.

    A name that is an outline's too is one area. A combined name ("Allston / Brighton") is the
    parent of the outlines in which it holds most of the named cases.
    """
    names = set(cases["neighborhood"].drop_nulls()) - {CITY.title()}
    combined = parents(cases, outlines)
    districts = [
        Place(_area(name), "district", CITY, (name,), name if name in outlines else "")
        for name in sorted(names - set(combined))
    ]
    neighbourhoods = [
        Place(
            _area(name),
            "neighbourhood",
            _area(combined[name]) if name in combined else CITY,
            (name,) if name in names else (),
            name,
        )
        for name in sorted(outlines)
        if name in combined or name not in names
    ]
    return [Place(CITY, "city", "", (CITY.title(),)), *districts, *neighbourhoods]


def parents(cases: pl.DataFrame, outlines: Mapping[str, shapely.Geometry]) -> dict[str, str]:
    """The combined name to which each outline belongs; outlines of no combined name are absent."""
    placed = cases.with_columns(outline=located(cases, outlines)).filter(
        pl.col("outline").is_not_null() & pl.col("neighborhood").is_not_null()
    )
    usual = {
        outline: _most_usual(inside["neighborhood"])
        for (outline,), inside in placed.filter(pl.col("neighborhood") != CITY.title()).group_by(
            "outline"
        )
    }
    return {str(outline): name for outline, name in usual.items() if name not in outlines}


def _area(name: str) -> str:
    return f"{CITY}-{slug(name)}"


# Organisations


def organisations(cases: pl.DataFrame) -> list[Place]:
    """The departments (`subject`) and their units (`queue`)."""
    departments = [
        Place(slug(subject), "department", ROOT, (subject,))
        for subject in sorted(set(cases["subject"]))
    ]
    units = [
        Place(slug(str(queue)), "unit", slug(owner(str(queue), held["subject"])), (str(queue),))
        for (queue,), held in sorted(cases.group_by("queue"))
    ]
    return departments + units


def owner(queue: str, subjects: pl.Series) -> str:
    """The department of a queue: the one it is named for, else where most of its cases are."""
    named = next((owner for prefix, owner in OWNERS.items() if queue.startswith(prefix)), "")
    return named or _most_usual(subjects)


def _most_usual(values: pl.Series) -> str:
    """The value with most cases, first by alphabet among equals."""
    counted: Counter[str] = Counter(values.to_list())
    return min(counted, key=lambda value: (-counted[value], value))


# The files


def declared(path: Path, section: str, kind: str) -> list[Place]:
    """What a file of the pack declares; `kind` is the field that holds an entry's kind."""
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Place(
            one["code"],
            one[kind],
            one.get("parent", ""),
            tuple(one.get("aliases", ())),
            one.get("outline", ""),
        )
        for one in loaded[section]
    ]


def departures(found: Sequence[Place], expected: Iterable[Place]) -> list[str]:
    """What the data decide and a file lacks or says otherwise; entries of its own are its own."""
    have = {one.code: one for one in found}
    return [
        f"{one.code}: expected {one}, found {have.get(one.code, 'nothing')}"
        for one in expected
        if have.get(one.code) != one
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 1 where a file departs from the data."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("cases", type=Path, help="Parquet of the city's cases")
    parser.add_argument("outlines", type=Path, help="GeoJSON of its neighbourhoods")
    options = parser.parse_args(arguments)
    cases = pl.read_parquet(options.cases)
    found = [
        *departures(
            declared(AREAS, "areas", "level"), areas(cases, read_outlines(options.outlines))
        ),
        *departures(declared(ORGANISATIONS, "organisations", "kind"), organisations(cases)),
    ]
    print("\n".join(found) or "areas.yaml and organisations.yaml hold what the cases say")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
