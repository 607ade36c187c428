from django.urls import URLPattern, URLResolver, path

from candidly.web.deliveries import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.delivery, name="delivery"),
    path("figures/", views.delivery_figures, name="delivery_figures"),
    path("retry/", views.delivery_retry, name="delivery_retry"),
    path("again/", views.delivery_again, name="delivery_again"),
    path("sent/", views.delivery_sent, name="delivery_sent"),
    path("hold/", views.delivery_hold, name="delivery_hold"),
    path("gateways/<slug:channel>/try/", views.gateway_try, name="gateway_try"),
]
