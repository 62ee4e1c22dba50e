"""Bringing in cases of another system, with their true times, by COPY.

Batches are transactions of their own: a run that is killed leaves whole batches, and the next
run of the same file goes on after them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model
from psycopg import sql
from psycopg.types.json import Jsonb

from citysteward.kernel.cases import events
from citysteward.kernel.cases.actions.intake import latest_version
from citysteward.kernel.cases.actions.loop import NEVER
from citysteward.kernel.cases.definition import Definition, RoleDef, definition
from citysteward.kernel.cases.flow import engine
from citysteward.kernel.cases.models import Case, Finding, ProcedureVersion, Task
from citysteward.kernel.cases.types import Fact, ImportBatch, ImportedCase, ImportSummary
from citysteward.kernel.journal import actions as journal
from citysteward.kernel.journal.actions import action
from citysteward.kernel.journal.types import Actor, Draft
from citysteward.kernel.parties import queries as parties
from citysteward.lib.ids import uuid7

START_OVER = "reopened"
"""The message start of a flow at which an open case of another system enters: at handling."""


@action
def import_cases(into: ImportBatch, rows: Sequence[ImportedCase], *, actor: Actor) -> int:
    """Write cases that are not there yet, their facts in the journal, and tasks for open ones.

    Returns how many. A case of the same source and number that is there already is an error of
    the caller (IntegrityError); ask `queries.known_ids` first.
    """
    batch = _Batch(into, latest_version(into.city, into.procedure))
    plan = definition(batch.procedure.pk)
    made = [_Made.of(row, batch.as_of) for row in rows]
    entries = [entry for one in made for entry in one.entries(batch)]
    journal.append_batch(entries, actor=actor)
    waiting = _Waiting(plan, batch)
    _copy(Case, (one.columns(batch, waiting) for one in made))
    _copy(Task, (waiting.task(one, batch) for one in made if one.row.closed_at is None))
    _copy(Finding, _findings(made, batch))
    return len(made)


@action
def note_import(summary: ImportSummary, *, actor: Actor) -> None:
    """Journal that a file has been imported, with its digest and counts."""
    values = asdict(summary)
    journal.append(
        events.IMPORT_FINISHED,
        actor=actor,
        subject=f"city:{values.pop('city')}",
        payload=events.ImportFinished(**values),
    )


@dataclass(frozen=True)
class _Batch:
    """A batch with the procedure version that its cases go onto."""

    into: ImportBatch
    procedure: ProcedureVersion

    @property
    def city(self) -> str:
        return self.into.city

    @property
    def source(self) -> str:
        return self.into.source

    @property
    def as_of(self) -> datetime:
        return self.into.as_of


@dataclass
class _Made:
    """An imported case with its new identity and its facts in order."""

    id: UUID
    row: ImportedCase
    facts: list[tuple[Any, datetime, dict[str, Any]]]

    @classmethod
    def of(cls, row: ImportedCase, as_of: datetime) -> "_Made":
        made = cls(id=uuid7(), row=row, facts=[])
        made._tell(events.CASE_OPENED, row.opened_at)
        if row.closed_at is not None:
            made._tell(events.CASE_CLOSED, row.closed_at, closed=True)
        if row.suspended_at is not None:
            made._tell(
                events.CASE_SUSPENDED,
                row.suspended_at,
                closed=row.closed_at is not None,
                suspended=True,
            )
        if made.is_escalated(as_of):
            made._tell(events.CASE_ESCALATED, as_of, escalated=True)
        return made

    def is_escalated(self, as_of: datetime) -> bool:
        """Open and overdue in the snapshot: known as such from its moment on."""
        row = self.row
        waits = row.closed_at is None and row.suspended_at is None
        return waits and row.due_at is not None and row.due_at <= as_of

    def _tell(self, verb: Any, at: datetime, **state: bool) -> None:
        self.facts.append((verb, at, state))

    def entries(self, batch: _Batch) -> Iterable[Draft[Any]]:
        for seq, (verb, at, state) in enumerate(self.facts, start=1):
            yield Draft(
                verb=verb,
                subject=f"case:{self.id}",
                occurred_at=at,
                payload=self._payload(verb, self._fact(seq, state, batch), batch),
            )

    def _payload(self, verb: Any, fact: Fact, batch: _Batch) -> Any:
        if verb is events.CASE_OPENED:
            return events.CaseOpened.model_construct(
                fact=fact,
                source=batch.source,
                source_id=self.row.source_id,
                procedure_version=batch.procedure.version,
            )
        if verb is events.CASE_ESCALATED:
            return events.CaseEscalated.model_construct(fact=fact, code="overdue")
        if verb is events.CASE_CLOSED:
            return events.CaseClosed.model_construct(fact=fact, outcome="imported", result="")
        return events.CaseSuspended.model_construct(
            fact=fact, grounds=f"According to {batch.source}", legal_basis=""
        )

    def _fact(self, seq: int, state: dict[str, bool], batch: _Batch) -> Fact:
        row = self.row
        return Fact.model_construct(
            case_id=self.id,
            seq=seq,
            number=row.source_id,
            city=batch.city,
            procedure=batch.procedure.code,
            category=row.category.code,
            channel=row.channel.value,
            organisation=row.organisation.code if row.organisation else "",
            unit=row.unit.code if row.unit else "",
            area=row.area.code if row.area else "",
            opened_at=row.opened_at,
            due_at=row.due_at,
            closed_at=row.closed_at if state.get("closed") else None,
            suspended=state.get("suspended", False),
            reopened=0,
            rework=0,
            escalated=state.get("escalated", False),
            rating=None,
            reference_verdict=row.reference_verdict,
            longitude=row.longitude,
            latitude=row.latitude,
        )

    def columns(self, batch: _Batch, waiting: "_Waiting") -> dict[str, Any]:
        row = self.row
        escalated = self.is_escalated(batch.as_of)
        state, timer = (None, None) if row.closed_at else waiting.state(row, escalated=escalated)
        return {
            "id": self.id,
            "number": row.source_id,
            "follow_key": "",
            "city": batch.city,
            "procedure_id": batch.procedure.pk,
            "category_id": row.category.pk,
            "title": row.title[:300],
            "description": "",
            "channel": row.channel.value,
            "organisation_id": row.organisation.pk if row.organisation else None,
            "unit_id": row.unit.pk if row.unit else None,
            "area_id": row.area.pk if row.area else None,
            "longitude": row.longitude,
            "latitude": row.latitude,
            "address": row.address[:300],
            "reporter_id": None,
            "reporter_account_id": None,
            "status": "closed" if row.closed_at else "open",
            "outcome": "imported" if row.closed_at else "",
            "result": row.result,
            "opened_at": row.opened_at,
            "due_at": row.due_at,
            "deadline": "",
            "closed_at": row.closed_at,
            "suspended_at": row.suspended_at,
            "suspensions": [],
            "escalated_at": batch.as_of if escalated else None,
            "reopened": 0,
            "reopen_grounds": [],
            "rework": 0,
            "rating": None,
            "rating_comment": "",
            "state": state,
            "next_timer_at": timer,
            "seq": len(self.facts),
            "source": batch.source,
            "source_id": row.source_id,
            "reference_verdict": row.reference_verdict,
            "idempotency_key": "",
        }


class _Waiting:
    """Engine states of open cases that wait at handling or dispatch, made once and copied.

    The flow is the same for all; only the deadline of its timer differs.
    """

    def __init__(self, plan: Definition, batch: _Batch) -> None:
        self._plan = plan
        self._now = batch.as_of
        self._started = {
            (known, escalated): self._start(START_OVER if known else None, due)
            for known in (True, False)
            for escalated, due in ((False, NEVER), (True, batch.as_of))
        }

    def _start(self, at: str | None, due: datetime) -> tuple[dict[str, Any], engine.TaskToken]:
        nothing = dict.fromkeys(("category", "area", "organisation", "unit", "outcome"))
        run = engine.Run.start(
            self._plan.spec,
            self,
            now=self._now,
            variables=nothing | {"due": due.isoformat()},
            at=at,
        )
        run.tick(self._now)
        (token,) = run.tasks
        return run.state, token

    def _begin(
        self, row: ImportedCase, *, escalated: bool = False
    ) -> tuple[dict[str, Any], engine.TaskToken]:
        """A case for which no organisation is named begins where one is looked for."""
        return self._started[row.organisation is not None, escalated]

    def decide(self, name: str, variables: Any) -> dict[str, Any]:
        # What the source left open, no table guesses.
        return {}

    def due(self, text: str, start: datetime, variables: Any) -> datetime:
        return datetime.fromisoformat(text)

    def state(
        self, row: ImportedCase, *, escalated: bool
    ) -> tuple[dict[str, Any], datetime | None]:
        """The case's engine state, and when its next timer is due."""
        template, _ = self._begin(row, escalated=escalated)
        run = engine.Run.resume(self._plan.spec, self, template)
        run.write(
            {
                "category": row.category.code,
                "area": row.area.code if row.area else None,
                "organisation": row.organisation.code if row.organisation else None,
                "unit": row.unit.code if row.unit else None,
                "outcome": None,
                "due": (row.due_at or NEVER).isoformat(),
            }
        )
        run.reschedule(now=self._now)
        due = run.next_due
        return run.state, None if due is None or due >= NEVER else due

    def task(self, made: _Made, batch: _Batch) -> dict[str, Any]:
        _, token = self._begin(made.row)
        declared = self._plan.task(token.node_id)
        role = self._plan.declared.roles[token.lane or ""]
        return {
            "id": uuid7(),
            "case_id": made.id,
            "city": batch.city,
            "token": token.token,
            "node": token.node_id,
            "words": declared.names.model_dump(),
            "role": role.role,
            "organisation_id": self._organisation_for(role, made.row),
            "assignee_id": None,
            "assignee_name": "",
            "state": "open",
            "opened_at": made.row.opened_at,
            "due_at": made.row.due_at,
            "done_at": None,
            "outcome": "",
            "done_by": "",
        }

    def _organisation_for(self, role: RoleDef, row: ImportedCase) -> int | None:
        if role.organisation == "case":
            return row.organisation.pk if row.organisation else None
        found = parties.organisation(role.organisation)
        return found.pk if found else None


def _findings(made: Iterable[_Made], batch: _Batch) -> Iterable[dict[str, Any]]:
    for one in made:
        for kind, detail in one.row.findings:
            yield {
                "case_id": one.id,
                "city": batch.city,
                "kind": kind.value,
                "detail": detail,
            }


def _copy(model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    """COPY column values into a model's table; the columns are those of the first row."""
    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        return
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, first))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in chain((first,), iterator):
            copy.write_row([_cell(value) for value in row.values()])


def _cell(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict | list) else value
