"""What the map script is told."""

import json

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from citysteward.lib.words import Words
from citysteward.ui.maps import Map, Outline, PlacePicker, Point, choropleth_step

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}


@pytest.mark.parametrize(
    ("value", "step"), [(0.0, 1), (0.499, 1), (0.5, 2), (0.65, 3), (0.7, 4), (0.8, 5), (1.0, 5)]
)
def test_a_share_falls_into_its_step(value: float, step: int) -> None:
    assert choropleth_step(value, [0.5, 0.6, 0.7, 0.8]) == step


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_is_never_painted_lighter(one: float, other: float) -> None:
    breaks = [0.2, 0.4, 0.6, 0.8]
    low, high = sorted((one, other))
    assert choropleth_step(low, breaks) <= choropleth_step(high, breaks)


def test_a_map_becomes_json_in_the_readers_language() -> None:
    picture = Map(
        title="Map",
        outlines=[Outline("a1", Words(en="North", zh="北区"), SQUARE, url="/a1", step=3)],
        points=[Point(-71.06, 42.36, Words(en="Lamp", zh="路灯"), tone="late")],
        clusters_url="/points",
        bounds=(-71.2, 42.2, -70.9, 42.4),
    )
    data = json.loads(json.dumps(picture.as_data()))
    feature = data["outlines"]["features"][0]
    assert feature["geometry"] == json.loads(json.dumps(SQUARE))
    assert feature["properties"] == {
        "code": "a1", "name": "North", "text": "", "url": "/a1", "step": 3,
    }  # fmt: skip
    assert data["points"][0]["text"] == "Lamp"
    assert data["points"][0]["count"] == 1
    assert data["bounds"] == [-71.2, 42.2, -70.9, 42.4]
    assert "picker" not in data


class Place(forms.Form):
    longitude = forms.FloatField()
    latitude = forms.FloatField()


def test_a_picker_names_the_fields_that_it_fills() -> None:
    form = Place(prefix="x")
    picker = PlacePicker(form["longitude"], form["latitude"], "Where?")
    fills = {"longitude": "id_x-longitude", "latitude": "id_x-latitude"}
    assert picker.as_data()["picker"] == fills
