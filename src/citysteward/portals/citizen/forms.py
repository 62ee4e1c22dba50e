"""Forms of the citizens' portal."""

from django import forms
from django.utils.translation import gettext_lazy as _


class FindForm(forms.Form):
    """A case by its number."""

    number = forms.CharField(
        label=_("Case number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write the number that you were given.")},
    )

    def clean_number(self) -> str:
        """Numbers are written in capitals and without blanks."""
        return "".join(str(self.cleaned_data["number"]).split()).upper()


class RateForm(forms.Form):
    """How good the result is, in the five grades of the good-and-bad rating."""

    stars = forms.TypedChoiceField(
        label=_("How satisfied are you with the result?"),
        coerce=int,
        choices=[
            (5, _("★★★★★ Very satisfied")),
            (4, _("★★★★ Satisfied")),
            (3, _("★★★ It will do")),
            (2, _("★★ Dissatisfied")),
            (1, _("★ Very dissatisfied")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one to five stars.")},
    )
    comment = forms.CharField(
        label=_("What was good, what was not?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReopenForm(forms.Form):
    """Why the case is not over."""

    grounds = forms.CharField(
        label=_("What is still wrong?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what is still wrong, so that it can be put right.")},
    )
