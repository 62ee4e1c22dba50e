"""The Merkle tree of RFC 6962 (and RFC 9162) over SHA-256: roots and inclusion proofs."""

from collections.abc import Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf; its prefix keeps leaves and inner nodes apart."""
    return sha256(b"\x00" + data).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _levels(leaves: Sequence[bytes]) -> list[Sequence[bytes]]:
    """The tree from the leaves up. Promoting an odd last node unchanged is the RFC's tree."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [_node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            above.append(below[-1])
        levels.append(above)
    return levels


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree's root over leaf hashes; that of no leaf is SHA-256 of nothing."""
    return _levels(leaves)[-1][0] if leaves else EMPTY_ROOT


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The neighbours from leaf `index` up to the root; IndexError if there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} among {len(leaves)}")
    path = []
    for level in _levels(leaves)[:-1]:
        neighbour = index ^ 1
        if neighbour < len(level):
            path.append(level[neighbour])
        index >>= 1
    return path


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> bool:
    """Whether `path` leads from leaf hash `leaf` to the root `expected` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf
    for neighbour in path:
        if last == 0:
            return False
        if position % 2 or position == last:
            node = _node_hash(neighbour, node)
            while position and not position % 2:
                position >>= 1
                last >>= 1
        else:
            node = _node_hash(node, neighbour)
        position >>= 1
        last >>= 1
    return last == 0 and node == expected


def split(hashes: bytes) -> list[bytes]:
    """Concatenated hashes, taken apart; ValueError if they are not whole."""
    if len(hashes) % HASH_SIZE:
        raise ValueError(f"{len(hashes)} bytes are no whole number of hashes")
    return [hashes[i : i + HASH_SIZE] for i in range(0, len(hashes), HASH_SIZE)]
