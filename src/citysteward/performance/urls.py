"""Addresses of the governance pages about figures."""

from django.urls import path

from citysteward.performance import views

app_name = "performance"
urlpatterns = [
    path("governance/indicators/", views.indicators, name="indicators"),
    path("governance/cases/", views.cases, name="cases"),
]
