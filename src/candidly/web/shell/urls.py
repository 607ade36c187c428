from django.urls import URLPattern, URLResolver, path

from candidly.web.shell import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("live-token/", views.fresh_live_token, name="live_token"),
]
