"""Verification: is every sealed entry still what was sealed, and nothing else?

Believed are the keys, the witness file and arithmetic; nothing that stands in the database.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from django.db import connection, transaction

from citysteward.kernel.journal import entries, findings, keys, merkle, segments, witness
from citysteward.kernel.journal.encoding import Header, decode_header, entry_leaf, unpack_ids
from citysteward.kernel.journal.sealing import NO_HEADER
from citysteward.kernel.journal.segments import SegmentRow
from citysteward.kernel.journal.types import START, Cursor, Problem, VerifyReport
from citysteward.lib.signing import is_signed_by

LISTED_PROBLEMS = 1_000
Progress = Callable[[int, int], None]
# Entries after the last seal, and those among them that no transaction can have written yet.
_UNSEALED = f"""
    SELECT count(*), coalesce(array_agg(e.id) FILTER (WHERE
        e.epoch > here.epoch
        OR e.epoch = here.epoch AND e.txid >= pg_snapshot_xmax(pg_current_snapshot())), '{{}}')
    FROM public.journal_entry e, (SELECT public.journal_current_epoch() AS epoch) AS here
    WHERE {entries.AFTER}"""  # noqa: S608 (constants)
# Sealed or present, an entry is its id and its leaf hash.
_Pairs = list[tuple[int, bytes]]


@dataclass
class _State:
    """What has been seen so far."""

    trusted: Collection[bytes]
    end: Cursor = START
    end_hash: bytes = NO_HEADER
    entries: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    heads: dict[int, str] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    strangers: list[tuple[int, int]] = field(default_factory=list)

    def report(self, problem: Problem) -> None:
        self.problem_count += 1
        if len(self.problems) < LISTED_PROBLEMS:
            self.problems.append(problem)


def verify(
    progress: Progress | None = None,
    *,
    witness_path: Path | None = None,
    trusted: Collection[bytes] | None = None,
) -> VerifyReport:
    """Check the whole journal. `progress` gets entries done and entries in all.

    `witness_path` names a copy of the witness file kept elsewhere (default: the installation's
    own), `trusted` the raw public keys to believe (default: the present and the retired ones).
    """
    state = _State(trusted=keys.trusted() if trusted is None else trusted)
    last = segments.last_seal()
    total = last.total if last else 0
    for number in range(1, last.number + 1 if last else 1):
        with transaction.atomic():
            _check_segment(number, state)
        if progress is not None:
            progress(min(state.entries, total), total)
    for number, entry_id in state.strangers:
        if entry_id not in state.moved:
            state.report(findings.entry_added(number, entry_id))
    unsealed = _check_unsealed(state)
    witnessed = _check_witness(witness_path or witness.default_path(), state)
    return VerifyReport(
        entries=state.entries,
        segments=len(state.heads),
        unsealed=unsealed,
        witnessed=witnessed,
        problem_count=state.problem_count,
        problems=tuple(state.problems),
    )


def _check_segment(number: int, state: _State) -> None:
    row = segments.row(number)
    if row is None:
        state.report(findings.segment_missing(number))
        return
    header = _check_header(row, state)
    if header is None:
        # Unreadable: nothing signed says where it ends, so the next one is cut off from it.
        state.heads[number] = sha256(row.header).hexdigest()
        state.end, state.end_hash = row.seal.last_cursor, sha256(row.header).digest()
        return
    if header.previous != state.end_hash:
        state.report(findings.chain_broken(number))
    if not state.end < header.first <= header.last:
        state.report(findings.segment_out_of_order(number))
    _check_entries(row, header, state)
    state.heads[number] = header.hash().hex()
    state.end, state.end_hash = max(state.end, header.last), header.hash()


def _check_header(row: SegmentRow, state: _State) -> Header | None:
    """The signed header, if it can be read; what it says is then worth what its signature is."""
    number = row.seal.number
    if row.public_key not in state.trusted:
        state.report(findings.unknown_key(number))
    elif not is_signed_by(row.public_key, row.signature, row.header):
        state.report(findings.bad_signature(number))
    try:
        header = decode_header(row.header)
    except ValueError:
        state.report(findings.header_changed(number))
        return None
    seal = row.seal
    told = (seal.number, row.first, seal.last_cursor, seal.entries, seal.total, seal.root_hex)
    signed = (
        header.number, header.first, header.last, header.entries, header.total, header.root.hex(),
    )  # fmt: skip
    if (told, seal.signed_at, seal.header_hash_hex) != (
        signed, header.signed_at, header.hash().hex(),
    ):  # fmt: skip
        state.report(findings.header_changed(number))
    return header


def _check_entries(row: SegmentRow, header: Header, state: _State) -> None:
    number = row.seal.number
    present: _Pairs = [
        (entry.id, merkle.leaf_hash(entry_leaf(entry)))
        for entry in entries.stream_between(state.end, header.last, number)
    ]
    state.entries += len(present)
    sealed = _sealed_pairs(row, header)
    if sealed is not None:
        if sealed != present:
            _name_differences(number, sealed, present, state)
        return
    leaves = [leaf for _, leaf in present]
    kept = _kept_hashes(row)
    if merkle.root(leaves) != header.root:
        state.report(findings.entries_changed_beyond_naming(number))
    elif kept != leaves and Counter(kept) == Counter(leaves):
        state.report(findings.hashes_reordered(number))
    else:
        state.report(findings.hashes_changed(number))


def _sealed_pairs(row: SegmentRow, header: Header) -> _Pairs | None:
    """What was sealed, if the lists kept with the segment are those that were signed."""
    hashes = _kept_hashes(row)
    if merkle.root(hashes) != header.root or sha256(row.ids).digest() != header.ids_hash:
        return None
    return list(zip(unpack_ids(row.ids), hashes, strict=True))


def _kept_hashes(row: SegmentRow) -> list[bytes]:
    try:
        return merkle.split(row.hashes)
    except ValueError:
        return []


def _name_differences(number: int, sealed: _Pairs, present: _Pairs, state: _State) -> None:
    missing = [entry_id for entry_id, _ in (Counter(sealed) - Counter(present)).elements()]
    others = Counter(entry_id for entry_id, _ in (Counter(present) - Counter(sealed)).elements())
    if not missing and not others:
        state.report(findings.segment_out_of_order(number))
    elsewhere = _existing([entry_id for entry_id in missing if not others[entry_id]])
    for entry_id in missing:
        if others[entry_id]:
            others[entry_id] -= 1
            state.report(findings.entry_changed(number, entry_id))
        elif entry_id in elsewhere:
            state.moved.add(entry_id)
            state.report(findings.entry_moved(number, entry_id))
        else:
            state.report(findings.entry_lost(number, entry_id))
    # An entry that belongs to another segment is that segment's finding, once.
    state.strangers.extend((number, entry_id) for entry_id in others.elements())


def _existing(ids: list[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM public.journal_entry WHERE id = ANY(%s)", [ids])
        return {entry_id for (entry_id,) in cursor.fetchall()}


def _check_unsealed(state: _State) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED, entries.cursor_values(state.end))
        unsealed, impossible = cursor.fetchone()
    for entry_id in impossible:
        state.report(findings.entry_from_the_future(entry_id))
    return int(unsealed)


def _check_witness(path: Path, state: _State) -> bool:
    if not path.exists():
        return False
    try:
        known = witness.read(path)
    except (ValueError, OSError) as error:
        state.report(findings.witness_unreadable(str(error)))
        return True
    last = max(state.heads, default=0)
    for number, header_hash in known.items():
        if number > last:
            state.report(findings.tail_cut(number))
        elif number in state.heads and state.heads[number] != header_hash:
            state.report(findings.not_as_witnessed(number))
    return True
