from django.urls import URLPattern, URLResolver, path

from candidly.web.inbox import attachments, formatted, portal_link, states, team, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/rows/", views.inbox_rows, name="inbox_rows"),
    path("inbox/counter/", views.inbox_counter, name="inbox_counter"),
    path("inbox/archive/", states.inbox_archive, name="inbox_archive"),
    path("inbox/unread/", states.inbox_unread, name="inbox_unread"),
    path("inbox/press-enter/", views.press_enter, name="press_enter"),
    path("conversations/<int:pk>/", views.conversation, name="conversation"),
    path("conversations/<int:pk>/messages/", views.conversation_messages, name="conversation_messages"),
    path("conversations/<int:pk>/archive/", states.conversation_archive, name="conversation_archive"),
    path("conversations/<int:pk>/unread/", states.conversation_unread, name="conversation_unread"),
    path("conversations/<int:pk>/snooze/", states.conversation_snooze, name="conversation_snooze"),
    path("conversations/<int:pk>/portal-link/", portal_link.revoke, name="portal_link_revoke"),
    path("conversations/<int:pk>/assign/", team.conversation_assign, name="conversation_assign"),
    path("conversations/<int:pk>/calls/", team.conversation_calls, name="conversation_calls"),
    path("conversations/<int:pk>/colleagues/", team.conversation_colleagues, name="conversation_colleagues"),
    path("conversations/<int:pk>/reminders/", team.conversation_reminders, name="conversation_reminders"),
    path("candidates/<int:pk>/calls/", team.person_calls, name="person_calls"),
    path("messages/<int:pk>/formatted/", formatted.message_formatted, name="message_formatted"),
    path("messages/<int:pk>/html/", formatted.message_html, name="message_html"),
    path("messages/<int:pk>/text/", formatted.message_text, name="message_text"),
    path("deliveries/<int:pk>/retry/", views.message_retry, name="message_retry"),
    path("attachments/", attachments.upload, name="attachments_upload"),
    path("attachments/<int:pk>/", attachments.attachment, name="attachment"),
]
