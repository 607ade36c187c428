"""The map of the site: one line a screen group. Each group's own `urls.py` names its pages."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("candidly.web.shell.urls")),
    path("", include("candidly.web.account.urls")),
    path("", include("candidly.web.inbox.urls")),
    path("", include("candidly.web.writing.urls")),
    path("", include("candidly.web.candidates.urls")),
    path("", include("candidly.web.openings.urls")),
    path("", include("candidly.web.talk.urls")),
    path("r/", include("candidly.web.respond.urls")),
    path("campaigns/", include("candidly.web.campaigns.urls")),
    path("mailings/", include("candidly.web.mailings.urls")),
    path("templates/", include("candidly.web.templates.urls")),
    path("search/", include("candidly.web.search.urls")),
    path("", include("candidly.web.lists.urls")),
    path("", include("candidly.web.mailboxes.urls")),
    path("reminders/", include("candidly.web.reminders.urls")),
    path("review/", include("candidly.web.review.urls")),
    path("settings/suppressions/", include("candidly.web.suppressions.urls")),
    path("settings/agencies/", include("candidly.web.agencies.urls")),
    path("settings/audit/", include("candidly.web.audit.urls")),
    path("delivery/", include("candidly.web.deliveries.urls")),
    path("", include("candidly.web.portal.urls")),
    path("agency/", include("candidly.web.agency.urls")),
    path("unsubscribe/", include("candidly.web.unsubscribe.urls")),
    path("", include("candidly.web.health.urls")),
    path("webhooks/", include("candidly.api.urls")),
]

# The sandbox exists only while it is the relay: with a real relay there is no such address.
if settings.CONFIG.sandbox:
    urlpatterns.append(path("sandbox/", include("candidly.sandbox.urls")))
