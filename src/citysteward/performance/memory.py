"""Remembering computed figures in this process.

What was asked of the same files, for the same moment and seal, has one answer for ever: lake
files are never rewritten. So answers are kept, the latest used longest, and never go stale; a
new seal or moment is a new question. Whoever checks a frozen result asks afresh instead.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")


class Memory(Generic[ValueT]):
    """Up to `size` answers by question; safe in several threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: OrderedDict[Hashable, ValueT] = OrderedDict()
        self._lock = Lock()

    def answer(self, question: Hashable, compute: Callable[[], ValueT]) -> ValueT:
        """The known answer, or else what `compute` gives, kept from now on."""
        with self._lock:
            if question in self._known:
                self._known.move_to_end(question)
                return self._known[question]
        # Not under the lock: two who ask the same at once both compute it, and agree.
        found = compute()
        with self._lock:
            self._known[question] = found
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return found
