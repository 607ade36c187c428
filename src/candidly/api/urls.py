from django.urls import URLPattern, URLResolver, path

from candidly.api import texts

urlpatterns: list[URLPattern | URLResolver] = [
    path("sms/inbound/", texts.inbound, name="sms_inbound"),
    path("sms/status/", texts.status, name="sms_status"),
]
