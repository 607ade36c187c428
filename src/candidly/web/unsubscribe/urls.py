from django.urls import URLPattern, URLResolver, path

from candidly.web.unsubscribe import views

urlpatterns: list[URLPattern | URLResolver] = [path("<str:token>/", views.unsubscribe, name="unsubscribe")]
