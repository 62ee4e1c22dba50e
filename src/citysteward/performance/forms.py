"""The filters of the indicator pages; all of them live in the address."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citysteward.lib.dates import Period
from citysteward.performance.types import Grouping, Indicator
from citysteward.ui import render

GROUPINGS = [
    (Grouping.ORGANISATION, _("Department")),
    (Grouping.UNIT, _("Unit")),
    (Grouping.AREA, _("Area")),
    (Grouping.CATEGORY, _("Category")),
    (Grouping.CHANNEL, _("Channel")),
    (Grouping.DAY, _("Day")),
    (Grouping.WEEK, _("Week")),
    (Grouping.MONTH, _("Month")),
    (Grouping.QUARTER, _("Quarter")),
]


class PeriodField(forms.CharField):
    """A period by its name, such as 2015Q1."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return Period.parse(text)
        except ValueError:
            raise forms.ValidationError(
                _("Write a period like 2015, 2015-H1, 2015Q1, 2015-01 or 2015-01-31.")
            ) from None


class MomentField(forms.CharField):
    """A moment: a local time of the city, or one that names its offset."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return datetime.fromisoformat(text.replace(" ", "T"))
        except ValueError:
            raise forms.ValidationError(_("Write a time like 2016-01-13T00:00.")) from None


class IndicatorFilters(forms.Form):
    """What is shown, of when, in which groups, as known at which moment."""

    indicator = forms.ChoiceField(label=_("Indicator"), required=False)
    period = PeriodField(label=_("Period"), required=False)
    by = forms.ChoiceField(label=_("By"), choices=GROUPINGS, required=False)
    as_of = MomentField(label=_("As of"), required=False)

    def __init__(self, data: Any, *, indicators: list[Indicator], initial: dict[str, Any]) -> None:
        filled = data.copy()
        for name, value in initial.items():
            if not filled.get(name):
                filled[name] = value
        super().__init__(filled)
        choices = [(named.code, render.plain(named.words)) for named in indicators]
        self.fields["indicator"].choices = choices  # type: ignore[attr-defined]
