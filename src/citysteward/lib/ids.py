"""Identifiers that sort by the time they were made."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80 | random
    value &= ~(0xF << 76) & (2**128 - 1)
    value |= 0x7 << 76
    value &= ~(0x3 << 62) & (2**128 - 1)
    value |= 0x2 << 62
    return UUID(int=value)
