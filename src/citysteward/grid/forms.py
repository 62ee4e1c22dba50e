"""The questions of a report, one form per page."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from citysteward.grid.queries import Kind
from citysteward.kernel.areas import queries as areas
from citysteward.kernel.cases.actions.photos import LARGEST_BYTES
from citysteward.kernel.cases.types import Upload
from citysteward.kernel.parties.actions.people import checked_contact
from citysteward.kernel.parties.types import PartyError
from citysteward.lib.words import Words
from citysteward.ui.widgets import CameraInput, CoordinateInput

PHOTO_TYPES = "image/jpeg,image/png,image/webp"
"""What the file chooser offers; asked for JPEG, a phone converts its own format by itself."""
LONGEST_DESCRIPTION = 4000


class SeveralFiles(forms.FileInput):
    """A file input that takes several files at once."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Files as uploads, unread as to their type: that is judged by their bytes, elsewhere."""

    widget = SeveralFiles

    def __init__(self, **kwargs: Any) -> None:
        # An empty file is refused like any other that is no photo, without taking along the rest.
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        """The chosen files; none is an empty list."""
        chosen = data if isinstance(data, list | tuple) else [data]
        files = [super(PhotosField, self).clean(one, initial) for one in chosen if one]
        return [_upload(file) for file in files]


def _upload(file: "UploadedFile[bytes]") -> Upload:
    # One byte more than allowed is enough to see that it is too large.
    return Upload(name=file.name or "", content=file.read(LARGEST_BYTES + 1))


class CategoryForm(forms.Form):
    """What is it?"""

    category = forms.ChoiceField(
        label=_("What is the problem?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the kind of problem that comes nearest."),
            "invalid_choice": _("Choose the kind of problem that comes nearest."),
        },
    )

    def __init__(self, *args: Any, offered: Sequence[Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["category"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - tells mypy what is declared above
        choice.choices = [(one.code, one.names.in_language(_language())) for one in offered]


class PlaceForm(forms.Form):
    """Where is it? A point on the map, or an address."""

    latitude = forms.FloatField(
        label=_("Latitude"), required=False, widget=CoordinateInput, min_value=-90, max_value=90
    )
    longitude = forms.FloatField(
        label=_("Longitude"), required=False, widget=CoordinateInput, min_value=-180, max_value=180
    )
    address = forms.CharField(
        label=_("Address or description of the place"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    area = forms.ChoiceField(label=_("Area"), required=False)

    def __init__(self, *args: Any, city: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.city = city
        choice = self.fields["area"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - tells mypy what is declared above
        choice.choices = [
            ("", _("I don't know")),
            *((one.code, one.names.in_language(_language())) for one in areas.outlined(city)),
        ]

    def clean(self) -> dict[str, Any]:
        """A whole point inside the city, or an address."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return values
        longitude, latitude = values["longitude"], values["latitude"]
        if (longitude is None) != (latitude is None):
            missing = "longitude" if longitude is None else "latitude"
            self.add_error(missing, _("Give both latitude and longitude, or neither."))
        elif longitude is not None:
            if areas.locate(self.city, [(longitude, latitude)]) == [None]:
                self.add_error(
                    "latitude",
                    _(
                        "This place lies outside the city. Point at a place inside its borders, "
                        "or clear both fields and write an address."
                    ),
                )
        elif not values["address"].strip():
            self.add_error("address", _("Point at the place on the map, or write where it is."))
        return values


class ProblemForm(forms.Form):
    """What is wrong there? Words, photos, or both."""

    description = forms.CharField(
        label=_("What is wrong?"),
        required=False,
        max_length=LONGEST_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    camera = PhotosField(label=_("Take a photo"), required=False, widget=CameraInput)
    photos = PhotosField(
        label=_("Choose photos"),
        required=False,
        widget=SeveralFiles(attrs={"accept": PHOTO_TYPES}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A reader's program must know in which language to read what was typed in another one.
        typed = Words.written(str(self["description"].value() or ""))
        self.fields["description"].widget.attrs["lang"] = typed.spoken(_language())[1]

    def uploads(self) -> list[Upload]:
        """All photos that came with the form, whichever way they were chosen."""
        return [*self.cleaned_data.get("camera", []), *self.cleaned_data.get("photos", [])]


class ContactForm(forms.Form):
    """Whom may the city ask? All of it may stay empty."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Telephone"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    email = forms.CharField(
        label=_("Email"),
        required=False,
        max_length=200,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean(self) -> dict[str, Any]:
        """What parties would refuse later is told here, beside its field."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        given = {name: values.get(name, "") for name in ("name", "phone", "email")}
        try:
            checked_contact(**given)
        except PartyError as error:
            self.add_error(error.field_name or None, error.words.in_language(_language()))
        return values


class CheckForm(forms.Form):
    """The last step: nothing to type, only the draft's own key against sending twice."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


def _language() -> str:
    return get_language() or "en"
