"""Tables obey the same order as imports: a row may point only to its own room, or a lower one.

import-linter cannot see a foreign key that names its model in a text, nor one written in SQL.
"""

import configparser
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, models

from tests.environment import ROOT

TOO_HIGH = "a table may point only to tables of its own room, or of a lower one"


def ranks() -> dict[str, int]:
    """How high each room lies, as .importlinter holds it."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")

    def layers(contract: str) -> list[list[str]]:
        lines = parser[f"importlinter:contract:{contract}"]["layers"].split("\n")
        return [[one.strip() for one in line.split("|")] for line in lines if line.strip()]

    rows: list[list[str]] = []
    for row in layers("house"):
        if row == ["kernel"]:
            rows += [[f"kernel.{name}" for name in inner] for inner in layers("kernel")]
        else:
            rows.append(row)
    return {room: height for height, row in enumerate(reversed(rows)) for room in row}


RANKS = ranks()


def may_point(source: str, target: str) -> bool:
    """Whether a table of the room `source` may point to one of `target`."""
    return source == target or _rank(source) > _rank(target)


def _rank(room: str) -> int:
    """Of the room or of the storey that it lies in."""
    return RANKS[room] if room in RANKS else RANKS[room.rsplit(".", 1)[0]]


def room_of(label: str) -> str | None:
    """The room of an app; None for other people's apps."""
    name = apps.get_app_config(label).name
    return name.removeprefix("citysteward.") if name.startswith("citysteward.") else None


def pointers() -> Iterator[tuple[str, str, str]]:
    """The field, its room and the room that it points to, of every relation of ours."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            target = field.related_model
            if not field.concrete or not isinstance(target, type(models.Model)):
                continue
            source, aim = room_of(model._meta.app_label), room_of(target._meta.app_label)
            if source and aim:
                yield f"{model._meta.label}.{field.name}", source, aim


def test_the_order_is_that_of_the_house() -> None:
    assert RANKS["kernel.journal"] < RANKS["kernel.cases"] < RANKS["grid"] < RANKS["contracts"]
    assert may_point("kernel.cases", "kernel.areas")
    assert may_point("grid", "grid")
    assert not may_point("kernel.areas", "kernel.cases")
    assert not may_point("portals.citizen", "portals.staff")


def test_models_point_downward_only() -> None:
    found = list(pointers())
    assert len(found) > 15
    assert [name for name, source, aim in found if not may_point(source, aim)] == [], TOO_HIGH


@pytest.mark.django_db
def test_so_do_the_tables_of_the_database() -> None:
    """Constraints that a migration wrote in SQL count, too."""
    labels = sorted((app.label for app in apps.get_app_configs()), key=len, reverse=True)

    def room(table: str) -> str | None:
        label = next((one for one in labels if table.startswith(f"{one}_")), None)
        return room_of(label) if label else None

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, confrelid::regclass::text, conname"
            " FROM pg_constraint WHERE contype = 'f' AND conparentid = 0"
        )
        found = [(room(source), room(target), name) for source, target, name in cursor.fetchall()]
    ours = [(source, target, name) for source, target, name in found if source and target]
    assert len(ours) > 15
    wrong = [name for source, target, name in ours if not may_point(source, target)]
    assert wrong == [], TOO_HIGH
