"""Addresses of the governance pages about contracts."""

from django.urls import path

from citysteward.contracts import views

app_name = "contracts"
_BASE = "governance/contracts/"
_STATEMENT = f"{_BASE}<slug:code>/statements/<str:period>/"
urlpatterns = [
    path(_BASE, views.contract_list, name="list"),
    path(f"{_BASE}<slug:code>/", views.contract, name="contract"),
    path(_STATEMENT, views.statement, name="statement"),
    path(f"{_STATEMENT}pdf/", views.statement_pdf, name="statement-pdf"),
    path(f"{_STATEMENT}freeze/", views.freeze, name="freeze"),
]
