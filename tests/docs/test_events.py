"""docs/events.md is what the contexts declare, in both languages."""

import re

from citysteward.kernel.journal.catalogue import render
from citysteward.kernel.journal.registry import verbs
from tests.environment import ROOT

PAGE = ROOT / "docs/events.md"
OURS = [verb for verb in verbs() if verb.payload.__module__.startswith("citysteward.")]
"""Without those that other tests declare."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_the_page_is_up_to_date() -> None:
    assert len(OURS) > 30
    remedy = "run `python -m tools.write_events`"
    assert PAGE.read_text(encoding="utf-8") == render(OURS), remedy


def test_every_verb_says_in_both_languages_what_happened() -> None:
    said_in_english = {verb.name for verb in OURS if not CHINESE.search(verb.words.en)}
    said_in_chinese = {verb.name for verb in OURS if CHINESE.search(verb.words.zh)}
    assert said_in_english == said_in_chinese == {verb.name for verb in OURS}


def test_every_verb_has_words_of_its_own() -> None:
    for language in ("en", "zh"):
        words = [verb.words.in_language(language) for verb in OURS]
        assert len(set(words)) == len(words)
