"""Addresses of the report."""

from django.urls import path

from citysteward.grid import views

app_name = "grid"
urlpatterns = [
    path("report/", views.start, name="report"),
    path("report/check/", views.check, name="report-check"),
    path("report/sent/", views.sent, name="report-sent"),
    path("report/photos/<slug:photo_id>/", views.draft_photo, name="report-photo"),
    path("report/<slug:step>/", views.step, name="report-step"),
]
