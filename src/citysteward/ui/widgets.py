"""Form widgets that Django lacks: a date as the browser offers it, a photo from the camera."""

from typing import Any

from django import forms


class DateInput(forms.DateInput):
    """A native date input; its value is ISO 8601 in every language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class CameraInput(forms.FileInput):
    """A photo: on a phone it opens the camera, elsewhere it picks a file."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"accept": "image/*", "capture": "environment"} | (attrs or {}))


class CoordinateInput(forms.TextInput):
    """A longitude or latitude in degrees, typed."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"inputmode": "decimal", "autocomplete": "off"} | (attrs or {}))
