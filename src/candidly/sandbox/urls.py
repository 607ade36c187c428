from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from candidly.sandbox import phone_views, provider, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.sandbox, name="sandbox"),
    path("newer/", views.newer, name="sandbox_newer"),
    path("clear/", views.clear, name="sandbox_clear"),
    path("<int:pk>/", views.mail, name="sandbox_mail"),
    path("<int:pk>/answer/", views.answer, name="sandbox_answer"),
    path("<int:pk>/html/", views.html, name="sandbox_html"),
    path("<int:pk>/source/", views.source, name="sandbox_source"),
    path("<int:pk>/files/<int:number>/", views.file, name="sandbox_file"),
]

# The phone exists only while it is the provider: with a real account there is no such address.
if settings.CONFIG.sms_sandbox:
    urlpatterns += [
        path("phone/", phone_views.phone, name="sandbox_phone"),
        path("phone/newer/", phone_views.newer, name="sandbox_phone_newer"),
        path("phone/answer/", phone_views.answer, name="sandbox_phone_answer"),
        path("phone/clear/", phone_views.clear, name="sandbox_phone_clear"),
        path("phone/<int:pk>/status/", phone_views.status, name="sandbox_phone_status"),
        path("twilio/2010-04-01/Accounts/<str:account>/Messages.json", provider.messages, name="sandbox_texts"),
    ]
