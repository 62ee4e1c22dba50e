"""Addresses of the governance portal's own pages."""

from django.urls import include, path

from citysteward.portals.governance import home_views, views

_patterns = [
    path("", home_views.home, name="home"),
    path("journal/", views.journal_page, name="journal"),
    path("journal/<int:entry_id>/", views.entry, name="entry"),
    path("journal/<int:entry_id>/proof.json", views.proof, name="proof"),
    path("findings/", views.findings, name="findings"),
    path("findings/<str:kind>/", views.findings_of_kind, name="findings-of-kind"),
]
urlpatterns = [path("governance/", include((_patterns, "governance")))]
