"""Addresses of the interface: the component gallery and the reading mode."""

from django.urls import path

from citysteward.ui import views

app_name = "ui"
urlpatterns = [
    path("ui/", views.gallery, name="gallery"),
    path("ui/mode", views.mode, name="mode"),
    path("ui/sample-points", views.sample_points, name="sample-points"),
]
