"""What a pack's `indicators.yaml` may say."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from citysteward.lib.words import WordsField
from citysteward.performance.types import Grouping

FILE = "indicators.yaml"

Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class IndicatorDocument(BaseModel):
    """One indicator: a metric of `performance.metrics`, over which cases, grouped how.

    `filter` narrows the cases (column → accepted values); `by` is the grouping that it is shown
    in unless the reader chooses another.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    metric: str
    words: WordsField
    explained: WordsField | None = None
    filter: dict[str, list[str]] = Field(default_factory=dict)
    by: Grouping = Grouping.ORGANISATION


class IndicatorsDocument(BaseModel):
    """The whole file: the indicators in the order in which they are shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicators: list[IndicatorDocument] = Field(min_length=1)
