from django.urls import URLPattern, URLResolver, path

from candidly.web.candidates import profile, stages, views
from candidly.web.candidates.directory import CANDIDATES, CONTACTS, Directory

#: In the names of addresses stands the kind of the person: `{% url person.kind person.pk %}` leads to their profile.
type Patterns = list[URLPattern | URLResolver]


def _of(directory: Directory) -> Patterns:
    """What both lists have."""
    kind, below = directory.kind.value, f"{directory.many}/"
    of_one = {"kind": kind}
    return [
        path(below, views.people_list, {"directory": directory}, name=directory.many),
        path(f"{below}<int:pk>/", profile.profile, of_one, name=kind),
        path(f"{below}<int:pk>/edit/", profile.edit, of_one, name=f"{kind}_edit"),
        path(f"{below}<int:pk>/emails/", profile.emails, of_one, name=f"{kind}_emails"),
        path(f"{below}<int:pk>/messages/", profile.short, of_one, name=f"{kind}_messages"),
        path(f"{below}<int:pk>/activity/", profile.activity_tab, of_one, name=f"{kind}_activity"),
    ]


urlpatterns: Patterns = [
    *_of(CANDIDATES),
    path("candidates/new/", views.candidate_add, name="candidate_add"),
    path("candidates/<int:pk>/previous/", profile.previous_applications, name="candidate_previous"),
    path("candidates/<int:pk>/conversations/", profile.person_conversations, name="person_conversations"),
    path("applications/<int:pk>/stage/", stages.stage, name="application_stage"),
    path("applications/<int:pk>/coordinator/", stages.coordinator, name="application_coordinator"),
    *_of(CONTACTS),
    path("contacts/new/", views.contact_add, name="contact_add"),
]
