"""Addresses of the report, and of the public API."""

from django.urls import path

from citysteward.grid import views
from citysteward.grid.open311 import rest

app_name = "grid"
urlpatterns = [
    path("open311/v2/", rest.urls()),
    path("report/", views.start, name="report"),
    path("report/check/", views.check, name="report-check"),
    path("report/sent/", views.sent, name="report-sent"),
    path("report/photos/<slug:photo_id>/", views.draft_photo, name="report-photo"),
    path("report/<slug:step>/", views.step, name="report-step"),
]
