"""Addresses of signing in and out, registering, and a person's own page."""

from django.urls import path

from citysteward.kernel.parties import views

app_name = "parties"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/demo/", views.demo_sign_in, name="demo-sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("register/", views.register, name="register"),
    path("me/", views.me, name="me"),
]
