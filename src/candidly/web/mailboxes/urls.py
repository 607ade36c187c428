from django.urls import URLPattern, URLResolver, path

from candidly.channels.gmail.settings import CALLBACK_PATH
from candidly.web.mailboxes import google, imap, organization, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/emails/", organization.emails, name="settings_emails"),
    path("settings/emails/switch/", organization.switch, name="mailboxes_switch"),
    path("settings/emails/label/", organization.label, name="mailboxes_label"),
    path("settings/emails/remind/", organization.remind, name="mailboxes_remind"),
    path("settings/mailbox/", views.mailbox, name="mailbox"),
    path("settings/mailbox/look/", views.look, name="mailbox_look"),
    path("settings/mailbox/disconnect/", views.disconnect, name="mailbox_disconnect"),
    path("settings/mailbox/imap/", imap.imap, name="mailbox_imap"),
    path("settings/mailbox/google/", google.begin, name="mailbox_google"),
    path(CALLBACK_PATH.lstrip("/"), google.callback, name="mailbox_google_callback"),
]
