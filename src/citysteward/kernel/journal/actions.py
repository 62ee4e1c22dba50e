"""Every write of the journal, and `@action`, which every write of the product goes through.

    @action
    def close_case(case: CaseId, *, actor: Actor) -> Case:
        ...
        append(CASE_CLOSED, actor=actor, subject=f"case:{case}", payload=Closed(...))
        return ...

An action runs in one transaction and commits only with at least one journal entry. Actions
nest: an inner one is a savepoint of the outer one, and its entries count for both.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from inspect import Parameter, iscoroutinefunction, isgeneratorfunction, signature
from itertools import islice
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import connection, transaction
from pydantic import BaseModel

from citysteward.kernel.journal.lake import export_lake
from citysteward.kernel.journal.registry import require_declared
from citysteward.kernel.journal.sealing import seal_segments
from citysteward.kernel.journal.types import (
    Actor,
    Draft,
    OutsideAction,
    PayloadRefused,
    PayloadT,
    UnjournalledAction,
    Verb,
)
from citysteward.lib.ids import uuid7

__all__ = [
    "action",
    "after_commit",
    "append",
    "append_batch",
    "export_lake",
    "seal_segments",
    "unchanged",
]

P = ParamSpec("P")
R = TypeVar("R")

# Large enough that a round trip costs nothing, small enough to sort in memory.
BATCH_ROWS = 20_000
_ESCAPED_NUL = re.compile(r"(?<!\\)(\\\\)*\\u0000")


@dataclass
class _Scope:
    """What the action that runs now has done so far."""

    name: str
    outer: "_Scope | None"
    entries: int = 0
    unchanged: bool = False


_scope: ContextVar[_Scope | None] = ContextVar("journal_scope", default=None)


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Make a write of `function`: one transaction, at least one journal entry, one actor.

    The function takes `actor` by keyword only. A call raises UnjournalledAction, and nothing is
    kept, if neither it nor an action that it called appended an entry, unless it ends with
    `return unchanged(result)`.
    """
    actor = signature(function).parameters.get("actor")
    if actor is None or actor.kind is not Parameter.KEYWORD_ONLY:
        raise TypeError(f"action {function.__qualname__} must take `actor` by keyword only")
    if iscoroutinefunction(function) or isgeneratorfunction(function):
        raise TypeError(f"action {function.__qualname__} must be a plain function")

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        scope = _Scope(function.__qualname__, outer=_scope.get())
        token = _scope.set(scope)
        try:
            with transaction.atomic():
                result = function(*args, **kwargs)
                _require_truth(scope)
        finally:
            _scope.reset(token)
        # Only now: entries of an inner action that failed were rolled back to its savepoint.
        if scope.outer is not None:
            scope.outer.entries += scope.entries
        return result

    return run


def _require_truth(scope: _Scope) -> None:
    if scope.entries == 0 and not scope.unchanged:
        raise UnjournalledAction(f"{scope.name} ended without a journal entry")
    if scope.entries and scope.unchanged:
        raise UnjournalledAction(
            f"{scope.name} says that nothing changed and appended {scope.entries} entries"
        )


def unchanged(result: R) -> R:
    """Say that the action found everything as it should be and wrote nothing: no entry is due.

    `return unchanged(result)` as the action's last statement; OutsideAction outside one.
    """
    _present("unchanged").unchanged = True
    return result


def after_commit(notify: Callable[[], object]) -> None:
    """Call `notify` once the outermost transaction is committed; never if it is rolled back.

    What it raises is logged and undoes nothing. OutsideAction outside an action.
    """
    _present("after_commit")
    transaction.on_commit(notify, robust=True)


def append(
    verb: Verb[PayloadT],
    *,
    actor: Actor,
    subject: str,
    payload: PayloadT,
    occurred_at: datetime | None = None,
) -> int:
    """Append one entry about `subject` ("case:<uuid>") and return its id.

    `occurred_at` (aware) is the time of the business fact if that is not now: an import. The
    time of recording is the database's. Raises OutsideAction, UndeclaredVerb, PayloadRefused.
    """
    scope = _present("append")
    require_declared(verb)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.journal_append(%s, %s::smallint, %s, %s, %s, %s, %s)",
            [
                verb.name,
                verb.version,
                actor.id,
                actor.name,
                _subject(subject),
                _text(verb, payload),
                _moment(occurred_at),
            ],
        )
        (entry_id,) = cursor.fetchone()
    scope.entries += 1
    return int(entry_id)


def append_batch(drafts: Iterable[Draft[Any]], *, actor: Actor) -> int:
    """Append many entries in their order, by COPY, and return their number.

    Takes any iterable and keeps memory flat. Raises as `append` does; then nothing is kept.
    """
    scope = _present("append_batch")
    rows = iter(drafts)
    total = 0
    while chunk := list(_rows(islice(rows, BATCH_ROWS))):
        total += _absorb(uuid7(), chunk, actor)
    scope.entries += total
    return total


_Row = tuple[datetime | None, str, int, str, str]


def _rows(drafts: Iterable[Draft[Any]]) -> Iterator[_Row]:
    for draft in drafts:
        verb = draft.verb
        require_declared(verb)
        yield (
            _moment(draft.occurred_at),
            verb.name,
            verb.version,
            _subject(draft.subject),
            _text(verb, draft.payload),
        )


def _absorb(batch: UUID, rows: list[_Row], actor: Actor) -> int:
    with connection.cursor() as cursor:
        with cursor.copy(
            "COPY public.journal_intake"
            " (batch, position, occurred_at, kind, version, subject, payload) FROM STDIN"
        ) as copy:
            for position, row in enumerate(rows):
                copy.write_row((batch, position, *row))
        cursor.execute("SELECT public.journal_absorb(%s, %s, %s)", [batch, actor.id, actor.name])
        (absorbed,) = cursor.fetchone()
    if absorbed != len(rows):
        raise RuntimeError(f"{len(rows)} entries were sent and {absorbed} absorbed")
    return int(absorbed)


def _present(what: str) -> _Scope:
    scope = _scope.get()
    if scope is None:
        raise OutsideAction(f"{what} is called inside an @action only")
    return scope


def _subject(subject: str) -> str:
    kind, colon, rest = subject.partition(":")
    if not (kind and colon and rest):
        raise ValueError(f"a subject is '<kind>:<id>', not {subject!r}")
    return subject


def _moment(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.utcoffset() is None:
        raise ValueError(f"occurred_at {moment} has no time zone")
    return moment


def _text(verb: Verb[Any], payload: BaseModel) -> str:
    if not isinstance(payload, verb.payload):
        raise PayloadRefused(f"{verb} takes {verb.payload.__name__}, not {type(payload).__name__}")
    text: str = payload.model_dump_json()
    if "\\u0000" in text and _ESCAPED_NUL.search(text):
        raise PayloadRefused(f"the payload of {verb} holds a NUL character")
    return text
