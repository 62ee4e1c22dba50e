"""Addresses of the staff portal."""

from django.urls import include, path

from citysteward.portals.staff import case_views, views

_patterns = [
    path("", views.work, name="work"),
    path("escalated/", views.escalated, name="escalated"),
    path("map/", views.city_map, name="map"),
    path("map/points/", views.map_points, name="map-points"),
    path("cases/<str:number>/", case_views.case, name="case"),
    path("cases/<str:number>/suspend/", case_views.suspend, name="suspend"),
    path("cases/<str:number>/resume/", case_views.resume, name="resume"),
    path("cases/<str:number>/contact/", case_views.contact, name="contact"),
    path("tasks/<uuid:task_id>/claim/", case_views.claim, name="claim"),
    path("tasks/<uuid:task_id>/", case_views.complete, name="complete"),
]
urlpatterns = [path("staff/", include((_patterns, "staff")))]
