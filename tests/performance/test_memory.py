"""What is remembered, what is forgotten, and that a failed computation leaves nothing."""

import pytest

from citysteward.performance.memory import Memory


def test_an_answer_is_computed_once() -> None:
    memory: Memory[int] = Memory(2)
    asked: list[int] = []

    def compute() -> int:
        asked.append(1)
        return 42

    assert [memory.answer("a", compute) for _ in range(3)] == [42, 42, 42]
    assert len(asked) == 1


def test_the_longest_unused_is_forgotten_first() -> None:
    memory: Memory[str] = Memory(2)
    for question in ("a", "b", "a", "c"):
        memory.answer(question, lambda: "old")
    assert memory.answer("a", lambda: "new") == "old"
    assert memory.answer("b", lambda: "new") == "new"


def test_a_failure_is_not_remembered() -> None:
    memory: Memory[float] = Memory(2)
    with pytest.raises(ZeroDivisionError):
        memory.answer("a", lambda: 1 / 0)
    assert memory.answer("a", lambda: 1.0) == 1.0
