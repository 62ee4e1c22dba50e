"""A case's journal told in words: what happened, when, by whom, and what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from citysteward.kernel.cases.models import Case
from citysteward.kernel.cases.queries.one_case import definition_of
from citysteward.kernel.cases.types import AttachmentKind
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.journal import registry
from citysteward.kernel.journal.types import EntryView
from citysteward.kernel.parties import queries as parties
from citysteward.lib.words import Words

PUBLIC_VERBS = frozenset(
    {
        "case.opened", "case.routed", "case.dispatched", "case.suspended", "case.resumed",
        "case.sent_back", "case.closed", "case.reopened", "case.rated", "case.escalated",
    }
)  # fmt: skip
"""What citizens are told; tasks and who did them are internal."""


@dataclass(frozen=True)
class HistoryLine:
    """One entry of the case's journal. `segment`: the seal that covers it, None while unsealed."""

    entry_id: int
    verb: str
    at: datetime
    words: Words
    actor: str
    actor_name: str
    note: Words
    segment: int | None


def history_of(case: Case, *, public: bool = False) -> list[HistoryLine]:
    """The case's journal, oldest first; with `public` only what a citizen is told."""
    entries = journal.entries_of(case.subject)
    return [_line(case, entry) for entry in entries if not public or entry.kind in PUBLIC_VERBS]


def _line(case: Case, entry: EntryView) -> HistoryLine:
    return HistoryLine(
        entry_id=entry.id,
        verb=entry.kind,
        at=entry.occurred_at,
        words=registry.verb(entry.kind, entry.version).words,
        actor=entry.actor,
        actor_name=entry.actor_name,
        note=_note(case, entry.kind, entry.data()),
        segment=entry.segment,
    )


def _note(case: Case, verb: str, data: Mapping[str, Any]) -> Words:
    """The gist of an entry's payload, in words."""
    if verb.startswith("task."):
        return _task_note(case, data)
    if verb in {"case.routed", "case.dispatched"}:
        return _organisation_words(data["fact"]["organisation"])
    if verb == "attachment.added":
        kind = AttachmentKind(data["kind"])
        return (
            Words(en="of the problem", zh="问题照片")
            if kind is AttachmentKind.REPORT
            else Words(en="of the result", zh="处置后照片")
        )
    if verb == "case.rated":
        stars = data["fact"]["rating"]
        return Words(en=f"{stars} of 5", zh=f"{stars} 分（满分 5 分）")
    if verb == "case.opened" and data.get("source"):
        return Words(
            en=f"from {data['source']}, number {data['source_id']}",
            zh=f"来自 {data['source']}，编号 {data['source_id']}",
        )
    if verb == "case.reopened":
        said = _said_of_reopening(case, data["fact"]["reopened"])
    else:
        said = str(data.get("grounds") or data.get("result") or "")
    return Words(en=said, zh=said)


def _said_of_reopening(case: Case, ordinal: int) -> str:
    """What the citizen said was still wrong: kept with the case, not in the journal."""
    return case.reopen_grounds[ordinal - 1] if ordinal <= len(case.reopen_grounds) else ""


def _task_note(case: Case, data: Mapping[str, Any]) -> Words:
    declared = definition_of(case).declared.tasks.get(str(data["node"]))
    if declared is None:
        return Words(en=str(data["node"]))
    names = declared.names
    outcome = declared.outcome(str(data.get("outcome", "")))
    said = str(data.get("note") or "")
    tail_en = f": {outcome.names.en}" if outcome else ""
    tail_zh = f"：{outcome.names.zh}" if outcome else ""
    return Words(
        en=f"{names.en}{tail_en}{'. ' + said if said else ''}",
        zh=f"{names.zh}{tail_zh}{'。' + said if said else ''}",
    )


def _organisation_words(code: str) -> Words:
    organisation = parties.organisation(code) if code else None
    if organisation is None:
        return Words(en="to the dispatcher", zh="转派遣员")
    english, chinese = map(organisation.names.in_language, ("en", "zh-hans"))
    return Words(en=f"to {english}", zh=f"至 {chinese}")
