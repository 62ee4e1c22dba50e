"""The words for what a verification finds."""

from citysteward.kernel.journal.types import Problem, ProblemKind
from citysteward.lib.words import Words


def _found(kind: ProblemKind, segment: int | None, entry: int | None, en: str, zh: str) -> Problem:
    return Problem(kind, segment, entry, Words(en=en, zh=zh))


def entry_changed(segment: int, entry: int) -> Problem:
    return _found(
        ProblemKind.CHANGED, segment, entry,
        f"Entry {entry} of segment {segment} is not what was sealed: it was changed.",
        f"第 {segment} 段的条目 {entry} 与封存时不一致：内容已被改动。",
    )  # fmt: skip


def entry_moved(segment: int, entry: int) -> Problem:
    return _found(
        ProblemKind.CHANGED, segment, entry,
        f"Entry {entry} was sealed in segment {segment}; its transaction was changed, so it "
        "stands elsewhere now.",
        f"条目 {entry} 原封存于第 {segment} 段；其事务编号已被改动，位置已变。",
    )  # fmt: skip


def entry_lost(segment: int, entry: int) -> Problem:
    return _found(
        ProblemKind.LOST, segment, entry,
        f"Entry {entry} was sealed in segment {segment} and is gone.",
        f"条目 {entry} 曾封存于第 {segment} 段，现已丢失。",
    )  # fmt: skip


def entry_added(segment: int, entry: int) -> Problem:
    return _found(
        ProblemKind.ADDED, segment, entry,
        f"Entry {entry} stands within segment {segment} and was not there when it was sealed.",
        f"条目 {entry} 位于第 {segment} 段范围内，但封存时并不存在：系事后添加。",
    )  # fmt: skip


def entry_from_the_future(entry: int) -> Problem:
    return _found(
        ProblemKind.ADDED, None, entry,
        f"Entry {entry} bears a transaction number that the database has not given out yet.",
        f"条目 {entry} 的事务编号尚未由数据库分配：系伪造添加。",
    )  # fmt: skip


def entries_changed_beyond_naming(segment: int) -> Problem:
    return _found(
        ProblemKind.CHANGED, segment, None,
        f"The entries of segment {segment} do not give its signed root. Its list of hashes was "
        "changed as well, so the entry cannot be named for certain.",
        f"第 {segment} 段的条目与其签名根值不符；该段哈希清单亦被改动，无法确定是哪一条。",
    )  # fmt: skip


def hashes_changed(segment: int) -> Problem:
    return _found(
        ProblemKind.CHANGED, segment, None,
        f"The list of hashes or ids kept with segment {segment} was changed; its entries are "
        "intact.",
        f"第 {segment} 段所存哈希或编号清单已被改动；条目本身完好。",
    )  # fmt: skip


def hashes_reordered(segment: int) -> Problem:
    return _found(
        ProblemKind.ORDER, segment, None,
        f"The list of hashes kept with segment {segment} is in another order; its entries are "
        "intact.",
        f"第 {segment} 段所存哈希清单的顺序已被改动；条目本身完好。",
    )  # fmt: skip


def header_changed(segment: int) -> Problem:
    return _found(
        ProblemKind.CHANGED, segment, None,
        f"The row of segment {segment} does not say what its signed header says.",
        f"第 {segment} 段的记录与其已签名的段头不一致。",
    )  # fmt: skip


def unknown_key(segment: int) -> Problem:
    return _found(
        ProblemKind.SIGNATURE, segment, None,
        f"Segment {segment} is signed with a key that is not the installation's.",
        f"第 {segment} 段使用了非本系统的密钥签名。",
    )  # fmt: skip


def bad_signature(segment: int) -> Problem:
    return _found(
        ProblemKind.SIGNATURE, segment, None,
        f"The signature of segment {segment} does not fit its header.",
        f"第 {segment} 段的签名与段头不符。",
    )  # fmt: skip


def chain_broken(segment: int) -> Problem:
    return _found(
        ProblemKind.CHAIN, segment, None,
        f"Segment {segment} does not continue the segment that is now before it.",
        f"第 {segment} 段与其前一段不相衔接。",
    )  # fmt: skip


def segment_missing(segment: int) -> Problem:
    return _found(
        ProblemKind.CHAIN, segment, None,
        f"Segment {segment} is missing.",
        f"第 {segment} 段缺失。",
    )  # fmt: skip


def segment_out_of_order(segment: int) -> Problem:
    return _found(
        ProblemKind.ORDER, segment, None,
        f"Segment {segment} begins before the segment before it ends.",
        f"第 {segment} 段的起点早于前一段的终点：顺序错误。",
    )  # fmt: skip


def tail_cut(segment: int) -> Problem:
    return _found(
        ProblemKind.TAIL, segment, None,
        f"The witness file knows segment {segment}; the journal ends before it.",
        f"见证文件记有第 {segment} 段，而日志在此之前即告终止：末尾被截断。",
    )  # fmt: skip


def not_as_witnessed(segment: int) -> Problem:
    return _found(
        ProblemKind.CHAIN, segment, None,
        f"Segment {segment} is not the one that the witness file knows.",
        f"第 {segment} 段与见证文件所记不符。",
    )  # fmt: skip


def witness_unreadable(reason: str) -> Problem:
    return _found(
        ProblemKind.TAIL, None, None,
        f"The witness file cannot be read: {reason}",
        f"见证文件无法读取：{reason}",
    )  # fmt: skip
