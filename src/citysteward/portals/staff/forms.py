"""Forms of the staff portal. What an outcome needs is checked by the action, not here."""

from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.actions import Completion
from citysteward.kernel.cases.types import Upload
from citysteward.kernel.parties import queries as parties
from citysteward.kernel.parties.types import Kind


class PhotosInput(forms.ClearableFileInput):
    """Several photos at once."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """A list of uploads, empty when none was chosen."""

    widget = PhotosInput

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        return [
            Upload(name=file.name, content=file.read())
            for file in (super(PhotosField, self).clean(one, initial) for one in files)
        ]


class TaskForm(forms.Form):
    """How a task ends. `declared` is the procedure's own description of the task."""

    outcome = forms.ChoiceField(label=_("How does it end?"), widget=forms.RadioSelect)
    organisation = forms.ChoiceField(label=_("Responsible organisation"), required=False)
    note = forms.CharField(
        label=_("What was found and done, or the grounds"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    photo = PhotosField(label=_("Photo of the result"), required=False)

    def __init__(self, *args: Any, declared: Any, city: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)  # noqa: S101 - tells mypy what is declared above
        outcome.choices = [(one.code, one.names.in_language(language)) for one in declared.outcomes]
        needs = {need for one in declared.outcomes for need in one.needs}
        self._say_what_for(declared, language)
        if "organisation" in needs:
            choice = self.fields["organisation"]
            assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - as above
            choice.choices = [("", _("Choose")), *_departments(city, language)]
        else:
            del self.fields["organisation"]
        if "photo" not in needs:
            del self.fields["photo"]
        if not needs & {"finding", "grounds"}:
            self.fields["note"].label = _("Remark")

    def _say_what_for(self, declared: Any, language: str) -> None:
        """Which outcomes need a field, so that nobody has to try."""
        asked = {"note": ("finding", "grounds"), "photo": ("photo",), "organisation": ()}
        for name, needs in asked.items():
            outcomes = [
                one.names.in_language(language)
                for one in declared.outcomes
                if set(needs) & set(one.needs)
            ]
            if outcomes:
                listed = _(", ").join(outcomes)
                self.fields[name].help_text = _("Needed for: %(outcomes)s") % {"outcomes": listed}

    def completion(self) -> Completion:
        """What the action is told."""
        values = self.cleaned_data
        return Completion(
            outcome=values["outcome"],
            note=values.get("note", ""),
            organisation=values.get("organisation", ""),
            uploads=values.get("photo") or (),
        )


class GroundsForm(forms.Form):
    """Why the clock is stopped or started."""

    grounds = forms.CharField(
        label=_("Grounds"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class WorkFilter(forms.Form):
    """What of the work list to show."""

    area = forms.ChoiceField(label=_("Area"), required=False)
    state = forms.ChoiceField(
        label=_("Clock"),
        required=False,
        choices=[
            ("", _("All")),
            ("overdue", _("Overdue")),
            ("running", _("In time")),
            ("none", _("No deadline")),
            ("mine", _("Signed for by me")),
        ],
    )
    order = forms.ChoiceField(
        label=_("First"),
        required=False,
        choices=[("", _("The most urgent")), ("new", _("The newest"))],
    )
    number = forms.CharField(label=_("Case number"), required=False, max_length=40)

    def __init__(self, *args: Any, city: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        area = self.fields["area"]
        assert isinstance(area, forms.ChoiceField)  # noqa: S101 - tells mypy what is declared above
        area.choices = [
            ("", _("All")),
            *((one.code, one.names.in_language(language)) for one in areas.areas(city)),
        ]


def _departments(city: str, language: str) -> list[tuple[str, str]]:
    return sorted(
        (
            (one.code, one.names.in_language(language))
            for one in parties.organisations(city)
            if one.kind == Kind.DEPARTMENT
        ),
        key=lambda pair: pair[1],
    )


class MapFilter(forms.Form):
    """What of the city's cases to show on the map."""

    state = forms.ChoiceField(
        label=pgettext_lazy("filter", "Cases"),
        required=False,
        choices=[("", _("Open")), ("overdue", _("Open and overdue")), ("all", _("All"))],
    )
    group = forms.ChoiceField(label=_("Kind of problem"), required=False)

    def __init__(self, *args: Any, city: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        groups = {one.group_code: one.group_names for one in cases.categories(city)}
        named = sorted((words.in_language(language), code) for code, words in groups.items())
        choice = self.fields["group"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - tells mypy what is declared above
        choice.choices = [("", _("All")), *((code, name) for name, code in named)]
