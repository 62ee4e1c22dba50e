"""Loading a pack's procedures and categories; the same files again change nothing."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import chain, count
from typing import Any

from django.utils import timezone

from citysteward.kernel.cases import events
from citysteward.kernel.cases.definition import compile_files
from citysteward.kernel.cases.models import Case, Category, ProcedureVersion
from citysteward.kernel.cases.types import CaseStatus
from citysteward.kernel.journal import actions as journal
from citysteward.kernel.journal.actions import action, unchanged
from citysteward.kernel.journal.types import Actor
from citysteward.lib.words import Words


@action
def load_procedure(city: str, files: Mapping[str, str], *, actor: Actor) -> ProcedureVersion:
    """Store a procedure's files as its next version, unless they are the latest already."""
    declared = compile_files(files).declared
    digest = hashlib.sha256(
        json.dumps(dict(sorted(files.items())), ensure_ascii=False).encode()
    ).hexdigest()
    latest = ProcedureVersion.objects.filter(city=city, code=declared.code).first()
    if latest is not None and latest.digest == digest:
        return unchanged(latest)
    version = ProcedureVersion.objects.create(
        city=city,
        code=declared.code,
        version=latest.version + 1 if latest else 1,
        digest=digest,
        files=dict(files),
        loaded_at=timezone.now(),
    )
    staying = Case.objects.filter(
        city=city, procedure__code=declared.code, status=CaseStatus.OPEN
    ).count()
    journal.append(
        events.PROCEDURE_LOADED,
        actor=actor,
        subject=f"procedure:{city}/{declared.code}",
        payload=events.ProcedureLoaded(
            procedure=declared.code,
            version=version.version,
            digest=digest,
            cases_stay_on_older_versions=staying,
        ),
    )
    return version


@action
def load_categories(
    city: str, rows: Sequence[Mapping[str, Any]], *, actor: Actor
) -> tuple[int, int]:
    """Create and update the city's categories from column values; returns (created, changed).

    A category that the pack no longer has stays for the cases that use it, but isn't offered.
    """
    known = {category.code: category for category in Category.objects.filter(city=city)}
    created = changed = 0
    for row in rows:
        category = known.pop(row["code"], None)
        if category is None:
            Category.objects.create(city=city, **row)
            created += 1
        elif any(getattr(category, column) != value for column, value in row.items()):
            for column, value in row.items():
                setattr(category, column, value)
            category.save()
            changed += 1
    gone = [category.pk for category in known.values() if category.public]
    Category.objects.filter(pk__in=gone).update(public=False)
    if not (created or changed or gone):
        return unchanged((0, 0))
    journal.append(
        events.CATEGORIES_LOADED,
        actor=actor,
        subject=f"pack:{city}",
        payload=events.CategoriesLoaded(created=created, changed=changed, withdrawn=len(gone)),
    )
    return created, changed


@action
def add_category(
    city: str,
    *,
    code: str,
    group: str,
    names: tuple[Words, Words],
    aliases: tuple[str, str],
    actor: Actor,
) -> None:
    """Add a category that a file of another system brings; it is not offered to citizens.

    `names` and `aliases` are of the group and of the category. A code that is taken gets the
    group's before it, and a number if need be.
    """
    taken = set(Category.objects.filter(city=city).values_list("code", flat=True))
    candidates = chain(
        (code, f"{group}-{code}"[:80]), (f"{code[:76]}-{number}" for number in count(2))
    )
    Category.objects.create(
        city=city,
        code=next(one for one in candidates if one not in taken),
        group_code=group,
        group_words=names[0].model_dump(),
        group_aliases=[aliases[0]],
        words=names[1].model_dump(),
        aliases=[aliases[1]],
        position=Category.objects.filter(city=city).count(),
    )
    journal.append(
        events.CATEGORIES_LOADED,
        actor=actor,
        subject=f"pack:{city}",
        payload=events.CategoriesLoaded(created=1, changed=0, withdrawn=0),
    )
