"""The section `indicators` of a pack: checked by file and line, loaded once per change."""

from typing import Any

from citysteward.kernel.journal.types import Actor
from citysteward.lib.packs import LoadReport, PackFinding, PackReader, Progress, Section
from citysteward.lib.words import Words
from citysteward.performance import actions
from citysteward.performance.documents import FILE, IndicatorsDocument
from citysteward.performance.facts import FILTERS
from citysteward.performance.metrics import METRICS


def check(pack: PackReader) -> list[PackFinding]:
    """What is wrong with the pack's indicators; a pack may have none."""
    if not pack.exists(FILE):
        return []
    document, findings = pack.model(FILE, IndicatorsDocument)
    if document is None:
        return findings
    seen: set[str] = set()
    for place, indicator in enumerate(document.indicators):
        here: tuple[int | str, ...] = ("indicators", place)
        if indicator.metric not in METRICS:
            findings.append(pack.finding(FILE, (*here, "metric"), _no_metric(indicator.metric)))
        if indicator.code in seen:
            findings.append(pack.finding(FILE, (*here, "code"), _twice(indicator.code)))
        seen.add(indicator.code)
        findings += [
            pack.finding(FILE, (*here, "filter", column), _no_column(column))
            for column in indicator.filter
            if column not in FILTERS
        ]
    return findings


def load(pack: PackReader, actor: Actor, progress: Progress) -> LoadReport:
    """Load the indicators; again without a change they stay as they are."""
    if not pack.exists(FILE):
        return LoadReport()
    document = pack.read_model(FILE, IndicatorsDocument)
    outcome = actions.load_indicators(pack.code, document, actor=actor)
    progress(len(document.indicators), len(document.indicators))
    counts: dict[str, Any] = {outcome: len(document.indicators)}
    return LoadReport(**counts)


SECTION = Section("indicators", 60, check, load)


def _no_metric(name: str) -> Words:
    known = ", ".join(METRICS)
    return Words(
        en=f"No metric is called {name}: name one of {known}.",
        zh=f"没有名为 {name} 的计量项，可用：{known}。",
    )


def _twice(code: str) -> Words:
    return Words(
        en=f"Two indicators are called {code}: give each a code of its own.",
        zh=f"指标代码 {code} 重复，请改用唯一代码。",
    )


def _no_column(column: str) -> Words:
    known = ", ".join(sorted(FILTERS))
    return Words(
        en=f"Cases cannot be filtered by {column}: use one of {known}.",
        zh=f"不能按 {column} 筛选，可用：{known}。",
    )
