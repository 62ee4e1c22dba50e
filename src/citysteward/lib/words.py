"""Words of a pack in the languages of the product: English and 简体中文."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

ENGLISH = "en"
CHINESE = "zh-hans"
_HAN = re.compile(r"[\u3400-\u9fff]")


class Words(BaseModel):
    """One phrase in each language; either may be missing, then the other is shown and tagged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    en: str = ""
    zh: str = ""

    def in_language(self, language: str) -> str:
        """The phrase in `language` (a Django language code), else in the other language."""
        return self.spoken(language)[0]

    def spoken(self, language: str) -> tuple[str, str]:
        """The phrase and the BCP 47 tag of the language that it really is in."""
        chinese = language.lower().startswith("zh")
        first, second = ((self.zh, "zh-Hans"), (self.en, "en"))
        if not chinese:
            first, second = second, first
        return first if first[0] else second

    @classmethod
    def written(cls, text: str) -> "Words":
        """What a person wrote, under the language that its signs tell: Chinese if any is Han."""
        return cls(zh=text) if _HAN.search(text) else cls(en=text)

    @classmethod
    def of(cls, value: "Words | Mapping[str, str] | str") -> "Words":
        """Words from `{"en": …, "zh": …}`; a bare string counts as English."""
        if isinstance(value, Words):
            return value
        if isinstance(value, str):
            return cls(en=value)
        return cls(**value)


def _accept(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


WordsField = Annotated[Words, BeforeValidator(_accept)]
"""For pack models: accepts a bare string (English) or a mapping of languages."""
