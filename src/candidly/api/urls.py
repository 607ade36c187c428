from django.urls import URLPattern, URLResolver, path

from candidly.api import gmail, texts

urlpatterns: list[URLPattern | URLResolver] = [
    path("sms/inbound/", texts.inbound, name="sms_inbound"),
    path("sms/status/", texts.status, name="sms_status"),
    path("gmail/", gmail.push, name="gmail_push"),
]
