"""Every write of the performance context: loading a pack's indicators."""

import hashlib
from typing import Literal

from citysteward.kernel.journal.actions import (
    action,
    append,
    export_lake,
    seal_segments,
    unchanged,
)
from citysteward.kernel.journal.types import Actor
from citysteward.performance.documents import IndicatorsDocument
from citysteward.performance.models import IndicatorSet
from citysteward.performance.registry import INDICATORS_LOADED, IndicatorsLoaded

__all__ = ["bring_lake_up_to_date", "load_indicators"]

Outcome = Literal["created", "changed", "unchanged"]


@action
def load_indicators(city: str, document: IndicatorsDocument, *, actor: Actor) -> Outcome:
    """Keep `document` as the indicators of `city`; says what that changed."""
    text = document.model_dump_json()
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    known = IndicatorSet.objects.select_for_update().filter(city=city).first()
    if known is not None and known.sha256 == sha256:
        return unchanged("unchanged")
    IndicatorSet.objects.update_or_create(city=city, defaults={"document": text, "sha256": sha256})
    append(
        INDICATORS_LOADED,
        actor=actor,
        subject=f"pack:{city}",
        payload=IndicatorsLoaded(
            city=city,
            sha256=sha256,
            indicators=tuple(indicator.code for indicator in document.indicators),
        ),
    )
    return "created" if known is None else "changed"


def bring_lake_up_to_date() -> None:
    """Seal and export whatever of the journal is settled, so that figures count it.

    Not an `@action`: sealing and exporting commit step by step and are themselves what the
    journal is kept by. Nothing is left to do where the server's own ticker has just done it.
    """
    seal_segments()
    export_lake()
