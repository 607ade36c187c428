"""One of everything, at Northlane: what belongs to Marcus's opening, and the same of another team's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from django.utils import timezone

from candidly.actions import (
    agencies,
    agency_talk,
    attachments,
    campaigns,
    consent,
    conversations,
    imports,
    mailings,
    people,
    reminders,
    scheduled,
    templates,
)
from candidly.models import (
    Delivery,
    InboundMail,
    Member,
    Message,
    Notice,
    Organization,
    Person,
    SandboxMail,
    SandboxText,
)
from candidly.rules import response_links
from candidly.rules.agencies import Talk, audience_of
from candidly.rules.audience import CandidateFilter
from candidly.rules.delivery_tokens import UNSUBSCRIBE
from candidly.rules.delivery_tokens import token_of as token_for
from candidly.rules.portal_links import token_of
from tests.conftest import work_for
from tests.web.letters import formatted


@dataclass(frozen=True)
class World:
    """The keys of one of everything, by the name that the table gives it; `-` is nothing."""

    keys: Mapping[str, Mapping[str, object]]

    def kwargs(self, thing: str) -> dict[str, object]:
        return dict(self.keys[thing])


def applicant(organization: Organization, name: str, team: list[Member]) -> Person:
    """A candidate for an opening of this team."""
    opening = people.add_opening(organization, f"The job of {name}", "Leeds", team=team)
    return people.add_candidate(
        organization,
        first_name=name,
        private_email=f"{name.lower()}@mail.example",
        phone="+447700900101",
        opening=opening,
    )


def build(person: Person, hannah: Member, priya: Member) -> World:
    """Everything around one candidate, led by Hannah."""
    file = attachments.keep(hannah, "rota.pdf", "application/pdf", BytesIO(b"%PDF-1.7 rota"))
    application = person.applications.get()
    message = conversations.start(
        hannah, person, subject="Interview", text="Dear you", application=application, attachments=[file]
    )
    Message.objects.filter(pk=message.pk).update(html="<p>Dear you</p>")
    delivery = message.deliveries.get()
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.FAILED)
    template = templates.save(
        hannah, None, templates.Content(name=f"To {person.first_name}", subject="Hello", body="Dear you")
    )
    mailing = mailings.send(
        hannah,
        mailings.Order(
            subject="To all", body="Dear you", is_html=False, audience={"filter": CandidateFilter().to_params()}
        ),
    )
    words = scheduled.Words(text="Tomorrow, then")
    waiting = scheduled.send_later(
        hannah, person, words, due_at=timezone.now() + timedelta(days=1), conversation=message.conversation
    )
    stray = InboundMail.objects.create(
        organization=person.organization, external_id=f"stray {person.pk}", envelope_to="x@y.example",
        raw=formatted("<p>It is me</p>", "It is me").as_bytes(), size=1, state=InboundMail.State.REVIEW,
    )  # fmt: skip
    suppressed = consent.suppress_by_hand(hannah, "email", f"not.{person.email}", "Asked by phone.")
    contact = people.add_contact(person.organization, first_name="Declan", work_email=f"declan@{person.pk}.example")
    brought = imports.upload(hannah, "candidates", "people.csv", BytesIO(b"E-mail\n"), 7)
    kept = SandboxMail.objects.create(recipient=person.email, raw=formatted("<p>Hello</p>", "Hello").as_bytes())
    campaign = campaigns.create(hannah, name=f"Visits of {person.first_name}")
    intake = campaigns.add(hannah, campaign, {"ids": [person.pk]}, person.kind)
    order = mailings.Order(subject="Come", body="Dear you", audience={"campaign": campaign.pk}, campaign=campaign)
    invited = mailings.send(hannah, order).recipients.get()
    agency = agencies.add(hannah, f"Agency of {person.first_name}")
    agency_user = work_for(agency, "Declan Farrell", f"declan@{person.pk}.agency.example")
    invitation = agencies.invite(hannah, agency, email=f"nora@{person.pk}.agency.example", name="Nora Quinn")
    application.submitted_by = agency_user
    application.save()
    talk = Talk(person, agency_user)
    attached = [attachments.keep(hannah, "rates.pdf", "application/pdf", BytesIO(b"%PDF-1.7 rates"))]
    mark = audience_of(talk).mark
    said = agency_talk.say(hannah, talk, agency_talk.Words("Hello", drawn=mark, attachments=attached))
    another = people.add_opening(person.organization, "Another job", team=application.opening.team.all())
    return World(
        {
            "-": {},
            "person": {"pk": person.pk},
            "application": {"pk": application.pk},
            "opening": {"pk": application.opening_id},
            "another opening": {"pk": another.pk},
            "contact": {"pk": contact.pk},
            "import": {"pk": brought.pk},
            "export": {"what": "candidates", "form": "csv"},
            "conversation": {"pk": message.conversation_id},
            "message": {"pk": message.pk},
            "delivery": {"pk": delivery.pk},
            "attachment": {"pk": file.pk},
            "portal file": {"pk": message.conversation_id, "file": file.pk},
            "unsubscribe": {"token": token_for(delivery.pk, UNSUBSCRIBE)},
            "portal link": {"token": token_of(message.conversation.portal_links.get().seed)},
            "template": {"pk": template.pk},
            "scheduled": {"pk": waiting.pk},
            "template version": {"pk": template.pk, "version": template.versions.get().pk},
            "mailing": {"pk": mailing.pk},
            "campaign": {"pk": campaign.pk},
            "campaign at": {"pk": campaign.pk, "at": "2026-11-01T10:00:00+00:00"},
            "response link": {"token": response_links.token_of(invited.pk), "answer": "accept"},
            "campaign intake": {"pk": intake.pk},
            "campaign member": {"pk": campaign.pk, "person": person.pk},
            "agency": {"pk": agency.pk},
            "agency user": {"pk": agency_user.pk},
            "invitation": {"pk": invitation.pk},
            "invitation link": {"token": _token_sent_to(invitation.email)},
            "talk": {"pk": person.pk, "user": agency_user.pk},
            "audience": {"mark": mark},
            "agency message": {"pk": said.pk},
            "agency file": {"pk": attached[0].pk},
            "stray": {"pk": stray.pk},
            "stray file": {"pk": stray.pk, "number": 0},
            "sandbox mail": {"pk": kept.pk},
            "sandbox file": {"pk": kept.pk, "number": 0},
            "sandbox text": {"pk": SandboxText.objects.create(recipient="+447700900101", text="Hello").pk},
            "provider account": {"account": "AC0"},
            "suppression": {"pk": suppressed.pk},
            "member": {"pk": priya.pk},
            "reminder": {"pk": reminders.remind(hannah, message, 3).pk},
            "gateway": {"channel": "email"},
            "reset link": {"uidb36": "1", "key": "x-y"},
        }
    )


def _token_sent_to(email: str) -> str:
    """Of the invitation's link, as it stands in the mail."""
    return Notice.objects.get(to_address=email).text.partition("/agency/join/")[2].partition("/")[0]
