"""What the case engine declares at start-up: its verbs, its lake, its pack sections."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from citysteward.kernel.cases import events
from citysteward.kernel.cases.actions.packs import load_categories, load_procedure
from citysteward.kernel.cases.definition import PROCEDURE_FILE, ProcedureDef
from citysteward.kernel.cases.facts import CASE_FACTS
from citysteward.kernel.cases.flow.errors import FlowError, TableError
from citysteward.kernel.cases.flow.lint import lint
from citysteward.kernel.cases.flow.model import HUMAN_TASKS, Spec
from citysteward.kernel.cases.flow.parser import parse
from citysteward.kernel.cases.flow.table_csv import read_csv
from citysteward.kernel.cases.models import ProcedureVersion
from citysteward.kernel.journal import registry as journal
from citysteward.kernel.journal.types import Actor
from citysteward.lib.packs import (
    LoadReport,
    PackFinding,
    PackReader,
    Progress,
    Section,
    register,
)
from citysteward.lib.words import Words, WordsField

CATEGORIES = "categories.yaml"
PROCEDURES = "procedures"
BUILT_IN_EFFECTS = ("escalate",)
FLOW_VARIABLES = ("category", "area", "organisation", "unit", "deadline", "due", "outcome")
"""What the expressions of a flow may use."""


class GroupRow(BaseModel):
    """A group of categories, with the texts that other systems call it by."""

    model_config = ConfigDict(extra="forbid")

    code: str
    names: WordsField
    aliases: list[str] = []


class CategoryRow(BaseModel):
    """A category as the pack writes it."""

    model_config = ConfigDict(extra="forbid")

    code: str
    group: str
    names: WordsField
    aliases: list[str] = []
    public: bool = False
    hint: WordsField = Words()
    keywords: dict[str, list[str]] = {}


class CategoryFile(BaseModel):
    """`categories.yaml`."""

    model_config = ConfigDict(extra="forbid")

    groups: list[GroupRow]
    categories: list[CategoryRow]


def declare_all() -> None:
    """Called once by the app's `ready`."""
    for verb in (*events.FACT_VERBS, *events.OTHER_VERBS):
        journal.declare(verb)
    journal.declare_dataset(CASE_FACTS)
    register(Section("categories", order=40, check=check_categories, load=load_category_file))
    register(Section("procedures", order=50, check=check_procedures, load=load_procedures))


def check_categories(pack: PackReader) -> list[PackFinding]:
    """Doubled codes and groups that don't exist, by line."""
    if not pack.exists(CATEGORIES):
        return []
    parsed, found = pack.model(CATEGORIES, CategoryFile)
    if parsed is None:
        return found
    groups = {group.code for group in parsed.groups}
    seen: set[str] = set()
    for i, row in enumerate(parsed.categories):
        if row.code in seen:
            found.append(
                pack.finding(
                    CATEGORIES,
                    ("categories", i, "code"),
                    Words(
                        en=f"The category {row.code} stands twice; keep one.",
                        zh=f"类别 {row.code} 重复，请保留一个。",
                    ),
                )
            )
        if row.group not in groups:
            found.append(
                pack.finding(
                    CATEGORIES,
                    ("categories", i, "group"),
                    Words(
                        en=f"The group {row.group} is not declared under groups.",
                        zh=f"分组 {row.group} 未在 groups 中声明。",
                    ),
                )
            )
        seen.add(row.code)
    return found


def load_category_file(pack: PackReader, actor: Actor, progress: Progress) -> LoadReport:
    """Create and update the pack's categories."""
    progress(0, 1)
    if not pack.exists(CATEGORIES):
        return LoadReport()
    parsed = pack.read_model(CATEGORIES, CategoryFile)
    groups = {group.code: group for group in parsed.groups}
    rows = [
        category_columns(row, groups[row.group], position)
        for position, row in enumerate(parsed.categories)
    ]
    created, changed = load_categories(pack.code, rows, actor=actor)
    return LoadReport(created=created, changed=changed, unchanged=len(rows) - created - changed)


def category_columns(row: CategoryRow, group: GroupRow, position: int) -> Mapping[str, Any]:
    """A category's column values."""
    return {
        "code": row.code,
        "group_code": group.code,
        "group_words": group.names.model_dump(),
        "words": row.names.model_dump(),
        "hint": row.hint.model_dump(),
        "keywords": row.keywords,
        "group_aliases": group.aliases,
        "aliases": row.aliases,
        "public": row.public,
        "position": position,
    }


def _procedure_files(pack: PackReader, folder: str) -> dict[str, str]:
    kept = (PROCEDURE_FILE, "*.bpmn", "*.csv", "*.json")
    names = {name for pattern in kept for name in pack.list(folder, pattern)}
    return {name: pack.text(f"{folder}/{name}") for name in sorted(names)}


def check_procedures(pack: PackReader) -> list[PackFinding]:
    """What in a procedure's files cannot run: schema, flow and tables, by file and line."""
    found: list[PackFinding] = []
    for folder in _folders(pack):
        found += _check_one(pack, folder)
    return found


def _folders(pack: PackReader) -> list[str]:
    return [
        f"{PROCEDURES}/{name}"
        for name in pack.folders(PROCEDURES)
        if pack.exists(f"{PROCEDURES}/{name}/{PROCEDURE_FILE}")
    ]


def _check_one(pack: PackReader, folder: str) -> list[PackFinding]:
    """The declaration first; then the flow and the tables that it names; then how they fit."""
    path = f"{folder}/{PROCEDURE_FILE}"
    declared, found = pack.model(path, ProcedureDef)
    if declared is None:
        return found
    found += _check_tables(pack, folder, declared)
    spec, broken = _parsed(pack, folder, declared)
    found += broken
    if spec is not None:
        found += _check_fit(pack, path, declared, spec)
    return found


def _check_tables(pack: PackReader, folder: str, declared: ProcedureDef) -> list[PackFinding]:
    found = []
    for name, file in declared.tables.items():
        path = f"{folder}/{file}"
        try:
            read_csv(name, pack.text(path))
        except TableError as error:
            found.append(PackFinding(path, error.line, _as_said(str(error))))
    return found


def _parsed(
    pack: PackReader, folder: str, declared: ProcedureDef
) -> tuple[Spec | None, list[PackFinding]]:
    path = f"{folder}/{declared.flow}"
    try:
        spec = parse(pack.text(path).encode())
    except FlowError as error:
        return None, [PackFinding(path, error.line, _as_said(str(error)))]
    services = {*declared.tables, *BUILT_IN_EFFECTS}
    found = [
        PackFinding(
            path,
            finding.line,
            Words(
                en=f"{finding.element}: {finding.message_en}",
                zh=f"{finding.element}：{finding.message_zh}",
            ),
            "error" if finding.is_error else "warning",
        )
        for finding in lint(spec, names=FLOW_VARIABLES, decisions=services)
    ]
    return spec, found


def _check_fit(
    pack: PackReader, path: str, declared: ProcedureDef, spec: Spec
) -> list[PackFinding]:
    """Tasks of the diagram that nobody described, and lanes that no role works."""
    found = []
    for node in spec.nodes.values():
        if node.kind not in HUMAN_TASKS:
            continue
        if node.id not in declared.tasks:
            found.append(
                pack.finding(
                    path,
                    ("tasks",),
                    Words(
                        en=f"The flow has a task {node.id}; describe it under tasks.",
                        zh=f"流程图中有环节 {node.id}，请在 tasks 中说明。",
                    ),
                )
            )
        if node.lane not in declared.roles:
            found.append(
                pack.finding(
                    path,
                    ("roles",),
                    Words(
                        en=f"The lane {node.lane or '(none)'} of {node.id} has no role.",
                        zh=f"环节 {node.id} 所在泳道 {node.lane or '（无）'} 未指定角色。",
                    ),
                )
            )
    return found


def _as_said(message: str) -> Words:
    return Words(en=message, zh=message)


def load_procedures(pack: PackReader, actor: Actor, progress: Progress) -> LoadReport:
    """Store new versions of the pack's procedures; older ones stay for the cases on them."""
    folders = _folders(pack)
    before = ProcedureVersion.objects.filter(city=pack.code).count()
    for done, folder in enumerate(folders, start=1):
        load_procedure(pack.code, _procedure_files(pack, folder), actor=actor)
        progress(done, len(folders))
    created = ProcedureVersion.objects.filter(city=pack.code).count() - before
    return LoadReport(created=created, unchanged=len(folders) - created)
