"""Inclusion proofs: one entry, shown to stand in a signed segment."""

from collections.abc import Collection

from django.db import transaction

from citysteward.kernel.journal import merkle, segments
from citysteward.kernel.journal.encoding import (
    ENTRY_FIELDS,
    decode_header,
    entry_fields,
    leaf_of_fields,
    unpack_ids,
)
from citysteward.kernel.journal.types import EntryView, InclusionProof, JournalError
from citysteward.lib.signing import is_signed_by


def prove(entry: EntryView) -> InclusionProof:
    """The proof of a sealed entry; JournalError if it is not sealed or not what was sealed."""
    with transaction.atomic():
        row = segments.row(entry.segment) if entry.segment is not None else None
    if row is None:
        raise JournalError(f"entry {entry.id} is not sealed yet")
    hashes = merkle.split(row.hashes)
    fields = entry_fields(entry)
    leaf = merkle.leaf_hash(leaf_of_fields(fields))
    try:
        index = unpack_ids(row.ids).index(entry.id)
    except ValueError:
        raise JournalError(f"entry {entry.id} was not there when it was sealed") from None
    if hashes[index] != leaf:
        raise JournalError(f"entry {entry.id} is not what was sealed")
    return InclusionProof(
        entry=fields,
        index=index,
        path=tuple(neighbour.hex() for neighbour in merkle.inclusion_path(hashes, index)),
        header=row.header.decode("ascii"),
        signature=row.signature.hex(),
        public_key=row.public_key.hex(),
    )


def check_proof(proof: InclusionProof, trusted: Collection[bytes]) -> bool:
    """Whether the proof holds, from itself and the raw public keys to believe alone."""
    try:
        header_bytes = proof.header.encode("ascii")
        public_key, signature = bytes.fromhex(proof.public_key), bytes.fromhex(proof.signature)
        header = decode_header(header_bytes)
        path = [bytes.fromhex(neighbour) for neighbour in proof.path]
    except ValueError:
        return False
    if set(proof.entry) != set(ENTRY_FIELDS) or public_key not in trusted:
        return False
    leaf = merkle.leaf_hash(leaf_of_fields(proof.entry))
    return is_signed_by(public_key, signature, header_bytes) and merkle.includes(
        leaf, proof.index, header.entries, path, header.root
    )
