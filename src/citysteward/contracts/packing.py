"""The section `contracts` of a pack: checked by file and line, loaded once per change."""

from pathlib import PurePosixPath

from citysteward.contracts import actions
from citysteward.contracts.documents import FOLDER, ContractDocument
from citysteward.kernel.journal.types import Actor
from citysteward.lib.packs import (
    LoadReport,
    Manifest,
    PackFinding,
    PackReader,
    Progress,
    Section,
)
from citysteward.lib.packs.loading import MANIFEST
from citysteward.lib.words import Words
from citysteward.performance import queries as performance


def check(pack: PackReader) -> list[PackFinding]:
    """What is wrong with the pack's contracts; a pack may have none."""
    manifest = pack.model(MANIFEST, Manifest)[0]
    findings: list[PackFinding] = []
    for path in _files(pack):
        document, wrong = pack.model(path, ContractDocument)
        findings += wrong
        if document is not None:
            findings += _check_one(pack, path, document, manifest)
    return findings


def load(pack: PackReader, actor: Actor, progress: Progress) -> LoadReport:
    """Load the contracts; one without a change stays as it is."""
    counts = {"created": 0, "changed": 0, "unchanged": 0}
    files = _files(pack)
    for done, path in enumerate(files, start=1):
        document = pack.read_model(path, ContractDocument)
        counts[actions.load_contract(pack.code, document, actor=actor)] += 1
        progress(done, len(files))
    return LoadReport(**counts)


SECTION = Section("contracts", 70, check, load)


def _files(pack: PackReader) -> list[str]:
    return [f"{FOLDER}/{name}" for name in pack.list(FOLDER, "*.yaml")]


def _check_one(
    pack: PackReader, path: str, document: ContractDocument, manifest: Manifest | None
) -> list[PackFinding]:
    findings = []
    if document.code != PurePosixPath(path).stem:
        words = Words(
            en=f"code must be {PurePosixPath(path).stem}, the name of the file.",
            zh=f"code 应为文件名 {PurePosixPath(path).stem}。",
        )
        findings.append(pack.finding(path, ("code",), words))
    if manifest is not None and document.payment.currency != manifest.currency:
        words = Words(
            en=f"The pack's currency is {manifest.currency}; is another one meant here?",
            zh=f"配置包的币种为 {manifest.currency}，此处是否确为其他币种？",
        )
        findings.append(pack.finding(path, ("payment", "currency"), words, "warning"))
    known = performance.metrics()
    for place, clause in enumerate(document.indicators):
        if clause.metric not in known:
            words = Words(
                en=f"No metric is called {clause.metric}: name one of {', '.join(known)}.",
                zh=f"没有名为 {clause.metric} 的计量项，可用：{', '.join(known)}。",
            )
            findings.append(pack.finding(path, ("indicators", place, "metric"), words))
    return findings
