"""One step of a case's loop: run the flow under the row's lock, then write what it did.

Every action on a case goes through `Loop`: it holds the locked case, turns the engine's effects
into tasks, facts and journal entries, and saves the case once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from citysteward.kernel.calendar import queries as calendar
from citysteward.kernel.cases import events
from citysteward.kernel.cases.definition import Definition, RoleDef, TaskDef, definition
from citysteward.kernel.cases.facts import fact_of
from citysteward.kernel.cases.flow import engine
from citysteward.kernel.cases.flow.effects import TaskCancelled, TaskOpened
from citysteward.kernel.cases.models import Case, Task
from citysteward.kernel.cases.types import CaseStatus, Conflict, InvalidPack, TaskState
from citysteward.kernel.journal import actions as journal
from citysteward.kernel.journal.types import Verb
from citysteward.kernel.parties import queries as parties
from citysteward.kernel.parties.types import Principal
from citysteward.lib.words import Words

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When a timer fires that waits for a deadline which the case does not have."""


def locked(case_id: UUID) -> Case:
    """The case, locked for this transaction; raises Case.DoesNotExist."""
    return (
        Case.objects.select_for_update(of=("self",))
        .select_related("procedure", "category", "organisation", "unit", "area")
        .get(pk=case_id)
    )


@dataclass
class Loop:
    """A locked case in motion. `now` is aware; `actor` is who causes what happens."""

    case: Case
    actor: Principal
    now: datetime
    routed: dict[str, Any] = field(default_factory=dict)
    escalated: bool = False
    entries: int = 0

    def __post_init__(self) -> None:
        self.plan: Definition = definition(self.case.procedure_id)
        self.clock = calendar.calendar(self.plan.declared.calendar)

    # -- what the flow asks of the case

    def decide(self, name: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run a decision table of the procedure, or the built-in effect `escalate`."""
        if name == "escalate":
            self.escalated = True
            return {}
        table = self.plan.tables[name]
        outputs = table.decide(variables)
        explained = table.explain(variables)
        inputs = {key: _plain(variables.get(key)) for key in ("category", "area")}
        self.routed = {
            "decision": name,
            "inputs": inputs,
            "rules": [match.line for match in explained.matched],
        }
        self._route(outputs)
        return outputs | {"due": self.due_text()}

    def due(self, text: str, start: datetime, variables: Mapping[str, Any]) -> datetime:
        """When a timer fires: a variable holding an instant, or a duration on the clock."""
        if text[:1].isdigit():
            return datetime.fromisoformat(text)
        return self.clock.add(start, text)

    def _route(self, outputs: Mapping[str, Any]) -> None:
        case = self.case
        case.organisation = _organisation(outputs.get("organisation"))
        case.unit = _organisation(outputs.get("unit"))
        case.deadline = str(outputs.get("deadline") or "")
        self.set_deadline()

    def set_deadline(self) -> None:
        """The case's deadline from its duration, its opening and what it has been suspended."""
        case = self.case
        case.due_at = (
            self.clock.due_after(case.opened_at, case.deadline, suspensions=stood_still(case))
            if case.deadline
            else None
        )

    def task_due(self, declared: TaskDef, opened: datetime) -> datetime | None:
        """A task's deadline: of its own step since it was opened, or the case's."""
        if not declared.deadline:
            return self.case.due_at
        spans = [(max(since, opened), until) for since, until in stood_still(self.case)]
        return self.clock.due_after(
            opened,
            declared.deadline,
            suspensions=[(since, until) for since, until in spans if since < until],
        )

    def _end_suspension(self) -> int:
        """Deadlines move by the time that the clock stood still; returns it, elapsed seconds."""
        case = self.case
        if case.suspended_at is None:
            raise Conflict(Words(en="The clock is running already.", zh="该办件正在计时中。"))
        seconds = int((self.now - case.suspended_at).total_seconds())
        case.suspensions = [
            *case.suspensions,
            [case.suspended_at.isoformat(), self.now.isoformat()],
        ]
        case.suspended_at = None
        if case.deadline:
            self.set_deadline()
        elif case.due_at is not None:
            # An imported case has a deadline but no duration that it came from.
            case.due_at = self.clock.shifted(case.due_at, seconds)
        for task in Task.objects.filter(case=case, state=TaskState.OPEN):
            task.due_at = self.task_due(self.plan.task(task.node), task.opened_at)
            task.save(update_fields=["due_at"])
        return seconds

    def resume_clock(self, *, grounds: str) -> None:
        """End the suspension and state it, with the deadline as it was before."""
        before = self.case.due_at
        stood_still_for = self._end_suspension()
        if self.case.state is not None:
            self.reschedule()
        self.fact(
            events.CASE_RESUMED,
            events.CaseResumed,
            grounds=grounds,
            suspended_seconds=stood_still_for,
            due_before=before,
        )

    def due_text(self) -> str:
        """The deadline as the flow's variable `due`; without one, a moment that never comes."""
        return (self.case.due_at or NEVER).isoformat()

    # -- moving

    def start(self, *, message: str | None = None, **variables: Any) -> None:
        run = engine.Run.start(self.plan.spec, self, now=self.now, variables=variables, at=message)
        self._settle(run)

    def complete(self, task: Task, **variables: Any) -> None:
        run = self._resume()
        run.complete(task.token, now=self.now, variables=variables)
        self._settle(run)

    def tick(self) -> None:
        run = self._resume()
        run.tick(self.now)
        self._settle(run)

    def reschedule(self) -> None:
        """Timers that wait for the case's deadline follow it when it moves."""
        run = self._resume()
        self._set_timers(run)
        self._settle(run)

    def _set_timers(self, run: engine.Run) -> None:
        run.write({"due": self.due_text()})
        run.reschedule(now=self.now)

    def _resume(self) -> engine.Run:
        if self.case.state is None:
            raise Conflict(
                Words(
                    en="The case is closed. Reload the page to see how it ended.",
                    zh="该办件已结案，请刷新页面查看结果。",
                )
            )
        return engine.Run.resume(self.plan.spec, self, self.case.state)

    def _settle(self, run: engine.Run) -> None:
        _require_unstuck(run)
        if self.routed:
            self._set_timers(run)
        self.case.state = None if run.finished else run.state
        due = run.next_due
        self.case.next_timer_at = None if due is None or due >= NEVER else due
        self._write_routing()
        self._write_tasks(run)
        if self.escalated and self.case.escalated_at is None:
            self.case.escalated_at = self.now
            self.fact(events.CASE_ESCALATED, events.CaseEscalated, code="overdue")

    # -- writing

    def append(self, verb: Verb[Any], **payload: Any) -> None:
        """One journal entry about this case, at the loop's moment."""
        self.entries += 1
        journal.append(
            verb,
            actor=self.actor.actor,
            subject=self.case.subject,
            payload=verb.payload(**payload),
        )

    def fact(self, verb: Verb[Any], payload: type[events.WithFact], **values: Any) -> None:
        """An entry that states the case anew for the indicators."""
        self.case.seq += 1
        self.entries += 1
        journal.append(
            verb,
            actor=self.actor.actor,
            subject=self.case.subject,
            payload=payload(fact=fact_of(self.case), **values),
        )

    def save(self) -> None:
        self.case.save()

    def _write_routing(self) -> None:
        if not self.routed:
            return
        case = self.case
        outputs = {
            "organisation": case.organisation.code if case.organisation else None,
            "unit": case.unit.code if case.unit else None,
            "deadline": case.deadline or None,
        }
        self.fact(events.CASE_ROUTED, events.CaseRouted, outputs=outputs, **self.routed)
        self.routed = {}

    def _write_tasks(self, run: engine.Run) -> None:
        ended = [effect.token for effect in run.effects if isinstance(effect, TaskCancelled)]
        for task in Task.objects.filter(case=self.case, state=TaskState.OPEN, token__in=ended):
            task.state = TaskState.CANCELLED
            task.done_at = self.now
            task.save(update_fields=["state", "done_at"])
            self.append(events.TASK_TAKEN_BACK, task=task.id, node=task.node)
        waiting = {token.token: token for token in run.tasks}
        for effect in run.effects:
            if isinstance(effect, TaskOpened) and effect.token in waiting:
                self._open_task(waiting[effect.token])

    def _open_task(self, token: engine.TaskToken) -> None:
        declared = self.plan.task(token.node_id)
        role = self.plan.declared.roles[token.lane or ""]
        task = Task.objects.create(
            case=self.case,
            city=self.case.city,
            token=token.token,
            node=token.node_id,
            words=declared.names.model_dump(),
            role=role.role,
            organisation_id=self._organisation_for(role),
            opened_at=self.now,
            due_at=self.task_due(declared, self.now),
        )
        self.append(
            events.TASK_OPENED,
            task=task.id,
            node=task.node,
            role=task.role,
            organisation=task.organisation.code if task.organisation else "",
            due_at=task.due_at,
        )

    def _organisation_for(self, role: RoleDef) -> int | None:
        if role.organisation == "case":
            return self.case.organisation_id
        found = _organisation(role.organisation)
        return found.pk if found else None


def _require_unstuck(run: engine.Run) -> None:
    """A step after which the flow could not go on is not taken at all."""
    if run.stuck:
        faults = "; ".join(f"{token.node_id}: {token.reason}" for token in run.stuck)
        raise InvalidPack(
            Words(
                en=f"The procedure cannot go on here ({faults}). Tell the administrator.",
                zh=f"办理流程在此无法继续（{faults}），请联系系统管理员。",
            )
        )


def stood_still(case: Case) -> list[tuple[datetime, datetime]]:
    """The spans during which the case's clock was suspended and has been resumed."""
    return [
        (datetime.fromisoformat(since), datetime.fromisoformat(until))
        for since, until in case.suspensions
    ]


def finish_if_ended(loop: Loop, *, outcome: str, result: str = "") -> None:
    """Close the case when its flow has come to an end; a clock that stands still ends with it.

    Else whoever suspends a case and closes it then would take it out of the figures.
    """
    case = loop.case
    if case.state is not None:
        return
    if case.suspended_at is not None:
        loop.resume_clock(grounds="")
    case.status = CaseStatus.CLOSED
    case.closed_at = loop.now
    case.outcome = outcome
    case.result = result or case.result
    case.next_timer_at = None
    loop.fact(events.CASE_CLOSED, events.CaseClosed, outcome=outcome, result=case.result)


def _organisation(code: object) -> Any:
    return parties.organisation(str(code)) if code else None


def _plain(value: object) -> str | None:
    return None if value is None else str(value)
