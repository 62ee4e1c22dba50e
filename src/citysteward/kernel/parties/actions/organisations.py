"""Adding and changing organisations."""

from collections.abc import Mapping, Sequence
from typing import Any

from citysteward.kernel.journal.actions import action, append_batch, unchanged
from citysteward.kernel.journal.types import Actor, Draft
from citysteward.kernel.parties.events import (
    ORGANISATION_ADDED,
    ORGANISATION_CHANGED,
    OrganisationFact,
)
from citysteward.kernel.parties.models import Chart, Organisation
from citysteward.kernel.parties.types import OrganisationDefinition, PartyError
from citysteward.lib.identifiers import BadIdentifier, credit_code
from citysteward.lib.ids import uuid7
from citysteward.lib.trees import path_of, paths_of
from citysteward.lib.words import Words


@action
def load_organisations(
    city: str, wanted: Sequence[OrganisationDefinition], *, actor: Actor
) -> tuple[int, int, int]:
    """Add and change organisations of a city as declared, in any order; none is ever removed.

    Returns how many were (created, changed, unchanged). Raises PartyError, and NoTree for
    parents that can't be.
    """
    Chart.objects.get_or_create(city=city, defaults={"revision": uuid7()})
    chart = Chart.objects.select_for_update().get(city=city)
    known = {one.code: one for one in Organisation.objects.filter(chart=chart)}
    parents = _require_possible(city, wanted)
    paths = paths_of(parents, {code: one.path for code, one in known.items()})
    created: list[Organisation] = []
    changed: list[Organisation] = []
    for one in sorted(wanted, key=lambda one: paths[one.code].count(".")):
        row = known.get(one.code) or Organisation(code=one.code, chart=chart)
        parent = known[one.parent] if one.parent else None
        is_new, differs = row.pk is None, _apply(row, one, parent, paths[one.code])
        if is_new or differs:
            row.save()
            (created if is_new else changed).append(row)
        known[one.code] = row
    moved = _move_below(known, paths)
    if not created and not changed:
        return unchanged((0, 0, len(wanted)))
    chart.revision = uuid7()
    chart.save(update_fields=["revision"])
    append_batch(
        [
            *(Draft(ORGANISATION_ADDED, row.subject, _fact(row)) for row in created),
            *(Draft(ORGANISATION_CHANGED, row.subject, _fact(row)) for row in changed + moved),
        ],
        actor=actor,
    )
    return len(created), len(changed), len(wanted) - len(created) - len(changed)


def _require_possible(city: str, wanted: Sequence[OrganisationDefinition]) -> Mapping[str, str]:
    """Code to parent; PartyError for doubled or foreign codes and bad credit codes."""
    parents = {one.code: one.parent for one in wanted}
    if len(parents) != len(wanted):
        raise PartyError(
            Words(en="A code stands twice among the organisations.", zh="组织机构编码重复。")
        )
    taken = (
        Organisation.objects.filter(code__in=parents)
        .exclude(chart_id=city)
        .values_list("code", flat=True)
        .first()
    )
    if taken is not None:
        raise PartyError(
            Words(
                en=f"The code {taken} is another city's: put the city before it.",
                zh=f"编码 {taken} 已被其他城市使用，请加上城市前缀。",
            )
        )
    for one in wanted:
        try:
            if one.credit_code:
                credit_code(one.credit_code)
        except BadIdentifier as error:
            raise PartyError(error.words, field_name="credit_code") from error
    return parents


def _apply(
    row: Organisation, one: OrganisationDefinition, parent: Organisation | None, path: str
) -> bool:
    """Give the row its declared values; whether any differs from before."""
    values: dict[str, Any] = {
        "kind": one.kind.value,
        "name_en": one.names.en,
        "name_zh": one.names.zh,
        "aliases": list(one.aliases),
        "parent_id": parent.pk if parent else None,
        "path": path,
        "credit_code": credit_code(one.credit_code) if one.credit_code else "",
    }
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    return before != values


def _move_below(known: Mapping[str, Organisation], paths: Mapping[str, str]) -> list[Organisation]:
    """Let organisations that weren't declared follow a parent that moved; returns them."""
    by_pk = {row.pk: row for row in known.values()}
    moved = []
    for row in sorted(known.values(), key=lambda row: row.path.count(".")):
        if row.code in paths or row.parent_id is None:
            continue
        path = path_of(row.code, by_pk[row.parent_id].path)
        if path != row.path:
            row.path = path
            row.save(update_fields=["path"])
            moved.append(row)
    return moved


def _fact(row: Organisation) -> OrganisationFact:
    return OrganisationFact(
        city=row.city,
        code=row.code,
        kind=row.kind,
        names=row.names,
        parent=row.parent.code if row.parent else "",
        aliases=tuple(row.aliases),
        credit_code=row.credit_code,
    )
