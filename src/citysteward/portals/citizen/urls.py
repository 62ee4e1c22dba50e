"""Addresses of the citizens' portal, and of photos for every portal."""

from django.urls import include, path

from citysteward.portals.citizen import case_views, map_views, photo_views, views

_patterns = [
    path("", views.home, name="home"),
    path("my/cases/", views.mine, name="mine"),
    path("find/", views.find, name="find"),
    path("map/", map_views.city_map, name="map"),
    path("map/points/", map_views.points, name="map-points"),
    path("cases/<str:number>/", case_views.case, name="case"),
    path("cases/<str:number>/rate/", case_views.rate, name="rate"),
    path("cases/<str:number>/reopen/", case_views.reopen, name="reopen"),
    path("cases/<str:number>/<str:key>/", case_views.follow, name="follow"),
]
urlpatterns = [
    path("", include((_patterns, "citizen"))),
    path("photos/<uuid:photo_id>/", photo_views.photo, name="photo"),
]
