from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.kernel.calendar.durations import FORMS, Duration, Unit, UnreadableDuration, parse


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT30M", Duration(Unit.ELAPSED, time=timedelta(minutes=30))),
        ("PT4H", Duration(Unit.ELAPSED, time=timedelta(hours=4))),
        ("PT1H30M5S", Duration(Unit.ELAPSED, time=timedelta(hours=1, minutes=30, seconds=5))),
        ("PT0S", Duration(Unit.ELAPSED)),
        ("P3D", Duration(Unit.CALENDAR_DAYS, days=3)),
        ("P2W", Duration(Unit.CALENDAR_DAYS, days=14)),
        ("P5BD", Duration(Unit.BUSINESS_DAYS, days=5)),
        (" PT8BH ", Duration(Unit.BUSINESS_TIME, time=timedelta(hours=8))),
    ],
)
def test_reads_every_form(text: str, duration: Duration) -> None:
    assert Duration.parse(text) == duration


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "5BD", "P-1D", "P1.5D", "P0D", "P0BD", "PT0BH", "P1M", "P1Y", "P1DT2H",
     "P3BDT1H", "PT8BHM", "p3d", "P3 D", "P٣D", "P999999D", "PT5"],
)  # fmt: skip
def test_refuses_what_is_no_duration(text: str) -> None:
    with pytest.raises(UnreadableDuration):
        Duration.parse(text)


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_with_the_forms(text: str) -> None:
    if FORMS.fullmatch(text.strip()):
        return
    with pytest.raises(UnreadableDuration, match="P5BD"):
        parse(text)
