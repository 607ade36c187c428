from django.urls import URLPattern, URLResolver, path

from candidly.web.respond import views

urlpatterns: list[URLPattern | URLResolver] = [path("<str:token>/<str:answer>/", views.respond, name="respond")]
