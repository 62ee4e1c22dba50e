"""Addresses of the governance portal's own pages."""

from django.urls import path

from citysteward.portals.governance import views

app_name = "governance"
urlpatterns = [
    path("governance/", views.home, name="home"),
    path("governance/findings/", views.findings, name="findings"),
    path("governance/findings/<slug:kind>/", views.finding, name="finding"),
    path("governance/journal/", views.journal_page, name="journal"),
    path("governance/journal/<int:entry_id>/", views.entry, name="entry"),
]
