"""Every page, with something on each, for tests that look at all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from django.utils import timezone

from candidly.actions import (
    agencies,
    agency_talk,
    calls,
    campaigns,
    consent,
    conversations,
    imports,
    mailings,
    notes,
    participations,
    people,
    reminders,
    scheduled,
    submitting,
    templates,
)
from candidly.actions.agency_talk import Words
from candidly.actions.attachments import keep
from candidly.actions.internal import remark
from candidly.envelope import File
from candidly.models import (
    AgencyUser,
    Application,
    Conversation,
    Delivery,
    Mailing,
    Member,
    Message,
    Notice,
    Opening,
    PeopleImport,
    Person,
    SandboxMail,
    SandboxText,
    Stage,
    Unindexed,
)
from candidly.rules.agencies import Speaker, Talk, audience_of
from candidly.rules.delivery_tokens import UNSUBSCRIBE
from candidly.rules.delivery_tokens import token_of as token_for
from candidly.rules.portal_links import token_of
from tests.browser import post
from tests.browser.stack import Stack
from tests.conftest import work_for
from tests.peers.processes import wait_until
from tests.web.letters import formatted, plain

#: A word without a gap, an emoji, a right-to-left name: what lay-outs break at.
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle"
SIGNED_OUT = {
    "sign-in": "/accounts/login/",
    "password-reset": "/accounts/password/reset/",
    "reset-sent": "/accounts/password/reset/done/",
}


@dataclass(frozen=True)
class Places:
    """Where each page is, by a short name; `agencys` are those of the agency user."""

    addresses: dict[str, str]
    agency_user: AgencyUser
    agencys: dict[str, str]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.addresses.items())


def conversation_with(person: Person) -> str:
    """The address of the person's only conversation."""
    return f"/conversations/{Conversation.objects.get(person=person).pk}/"


def way_in(conversation: Conversation) -> str:
    """The link by which the conversation's person opens it."""
    return f"/p/{token_of(conversation.portal_links.latest('pk').seed)}/"


def way_out(conversation: Conversation) -> str:
    """The link by which the conversation's person gets no more campaigns."""
    delivery = conversation.messages.earliest("pk").deliveries.get()
    return f"/unsubscribe/{token_for(delivery.pk, UNSUBSCRIBE)}/"


def _work_as_a_team(member: Member, conversation: Conversation) -> None:
    """A note, a call, who leads, a reminder, and an earlier application of the person."""
    person = conversation.person
    notes.note(member, conversation, f"@{member.name} {LONG}")
    calls.log(member, person, outcome=Message.CallOutcome.VOICEMAIL, note=LONG, conversation=conversation)
    remark(conversation, member, f"assigned this to {LONG}")
    reminders.remind(member, conversation.messages.earliest("pk"), 3)
    nights = person.organization.openings.earliest("pk")
    before = people.apply(person, nights, applied_at=timezone.now() - timedelta(days=500))
    conversations.start(member, person, subject=f"Before {LONG}", text=LONG, application=before, channels=["app"])


def _invitation(member: Member) -> str:
    """The link of one."""
    agencies.invite(member, agencies.add(member, f"Kestrel {LONG}"), email="nora@kestrel.example", name="Nora Quinn")
    return "/agency/join/" + Notice.objects.latest("pk").text.partition("/agency/join/")[2].partition("\n")[0]


def _agencys(member: Member, opening: Opening) -> tuple[AgencyUser, dict[str, str]]:
    """An agency user whose candidate has a CV, an owner of the stage, and a talk of all kinds."""
    user = work_for(agencies.add(member, f"Meridian {LONG}"), f"Declan {LONG}", "declan@meridian.example", member)
    submitted = submitting.submit(
        user, opening, email="esra@mail.example", first_name="Esra", last_name=LONG,
        cv=File(f"{LONG}.pdf", "application/pdf", b"%PDF-1.7 cv"),
    )  # fmt: skip
    Application.objects.filter(pk=submitted.pk).update(stage_owner=member)
    file = File(f"{LONG}.pdf", "application/pdf", b"%PDF-1.7 rates")
    for_all, private = (Talk(submitted.person, user, with_whom) for with_whom in (None, member))
    turns: list[tuple[Speaker, Talk]] = [(user, for_all), (member, for_all), (user, private), (member, private)]
    for speaker, talk in turns:
        words = Words(f"Hello 👋\n\n{LONG}", drawn=audience_of(talk).mark, files=[file])
        gone = agency_talk.say(speaker, talk, words)
    agency_talk.say(member, for_all, Words(LONG, drawn=audience_of(for_all).mark))
    agency_talk.delete(member, gone)
    page = f"/agency/candidates/{submitted.person_id}/"
    return user, {
        "agency": "/agency/",
        "agency-none": "/agency/?q=nobody",
        "agency-new": "/agency/?new=1",
        "agency-candidate": page,
        "agency-submit": "/agency/submit/",
        "agency-preferences": "/agency/preferences/",
        "agency-password": "/accounts/password/change/",
        "agency-not-found": "/agency/nowhere/",
    }


def furnish(stack: Stack, sofia: Member, amara: Person, kwame: Person) -> Places:
    """Something of everything, written and received by the real thing; Sofia may see all of it."""
    file = keep(sofia, f"{LONG}.pdf", "application/pdf", BytesIO(b"%PDF-1.7 rota"))
    conversation = conversations.start(
        sofia, amara, subject=f"Your application {LONG}", text=f"Hello 👋\n\n{LONG}", attachments=[file]
    ).conversation
    post.hand_in(stack, conversation, formatted("<table><tr><td>Formatted</td></tr></table>", f"Thank you. {LONG}"))
    stray = post.hand_in(stack, conversation, plain(f"It is me {LONG}"), sender=f"{LONG[:40].lower()}@mail.example")
    template = templates.save(
        sofia, None, templates.Content(name="Invitation", subject="Hello {{first_name}}", body="Dear {{first_name}}")
    )
    mailing = mailings.send(
        sofia, mailings.Order(subject="Ward visit on {{opening_name}}", body="Dear {{first_name}}", is_html=False,
        audience={"filter": {}}, template=template))  # fmt: skip
    wait_until(lambda: Mailing.objects.get().state == Mailing.State.DONE, "the mailing is done")
    waiting = mailings.send(
        sofia, mailings.Order(subject=f"Later {LONG}", body="Dear {{first_name}}", audience={"filter": {}},
        starts_at=timezone.now() + timedelta(days=1)))  # fmt: skip
    wait_until(lambda: not Delivery.objects.filter(state__in=Delivery.OPEN).exists(), "all has been sent")
    application = kwame.applications.get()
    closed = conversations.start(
        sofia, kwame, subject=LONG, text=LONG, application=application, channels=["app"]
    ).conversation
    people.move(application, Stage.DECLINED)
    _work_as_a_team(sofia, conversation)
    put_off = Conversation.objects.filter(mailing=mailing).earliest("pk")
    participations.snooze(sofia, [put_off.pk], timezone.now() + timedelta(days=2))
    wait_until(lambda: not Unindexed.objects.exists(), "search knows all of it")
    theirs = {"sender": "+447700900000", "recipient": amara.phone, "status_url": f"{stack.url}/webhooks/sms/status/"}
    SandboxText.objects.create(text=f"Would Tuesday suit you? {LONG}", **theirs)
    SandboxText.objects.create(sender=amara.phone, recipient="+447700900000", text=f"Yes 👋 {LONG}", is_answer=True)
    suppressed = consent.suppress_by_hand(
        sofia, "email", f"{LONG[:40].lower()}@mail.example", f"Asked by phone. {LONG}"
    )
    scheduled.send_later(
        sofia, amara, scheduled.Words(text=f"Later {LONG}"), due_at=timezone.now() + timedelta(days=1),
        conversation=conversation,
    )  # fmt: skip
    declan = people.add_contact(
        sofia.organization, first_name="Declan", last_name=LONG, company=f"Meridian {LONG}", job_title=LONG,
        work_email=f"{LONG[:40].lower()}@meridian.example", tags=["Locums"],
    )  # fmt: skip
    conversations.start(sofia, declan, subject=f"Two nurses {LONG}", text=LONG, channels=["email"])
    campaign = campaigns.create(sofia, name=f"Spring ward visits {LONG}", purpose=f"Meet the team. {LONG}")
    campaigns.add(sofia, campaign, {"ids": [amara.pk, kwame.pk]}, "candidate")
    brought = imports.upload(
        sofia, "contacts", f"{LONG}.csv", BytesIO(f"Name,E-mail,{LONG}\nA,{LONG},\nB,b@c.example,".encode()), 1
    )  # fmt: skip
    wait_until(lambda: PeopleImport.objects.get().state == "checked", "the list is looked through")
    mail = SandboxMail.objects.filter(recipient=amara.email).earliest("pk")
    agency_user, agencys = _agencys(sofia, application.opening)
    submitted = agency_user.submissions.get()
    return Places(
        {
            "inbox": "/inbox/",
            "inbox-unread": "/inbox/?folder=unread",
            "inbox-mine": "/inbox/?folder=mine",
            "inbox-waiting": "/inbox/?folder=waiting",
            "inbox-archived": "/inbox/?folder=archived",
            "conversation": f"/conversations/{conversation.pk}/",
            "conversation-archived": f"/conversations/{put_off.pk}/?folder=archived",
            "conversation-at": f"/conversations/{conversation.pk}/?at={conversation.messages.earliest('pk').pk}",
            "candidates": "/candidates/",
            "candidates-none": "/candidates/?q=nobody",
            "candidate": f"/candidates/{amara.pk}/",
            "candidate-emails": f"/candidates/{amara.pk}/emails/",
            "candidate-new-email": f"/candidates/{kwame.pk}/emails/?new=1",
            "candidate-messages": f"/candidates/{kwame.pk}/messages/",
            "candidate-previous": f"/candidates/{amara.pk}/previous/",
            "candidate-activity": f"/candidates/{amara.pk}/activity/",
            "candidate-edit": f"/candidates/{amara.pk}/?edit=1",
            "candidate-agency-talk": f"/candidates/{submitted.person_id}/?agency={agency_user.pk}",
            "candidate-add": "/candidates/new/",
            "candidate-enter": f"/candidates/{amara.pk}/openings/",
            "openings": "/openings/",
            "openings-none": "/openings/?q=nobody",
            "opening": f"/openings/{amara.applications.earliest('pk').opening_id}/",
            "opening-add": "/openings/new/",
            "contacts": "/contacts/",
            "contacts-none": "/contacts/?q=nobody",
            "contact": f"/contacts/{declan.pk}/",
            "contact-emails": f"/contacts/{declan.pk}/emails/",
            "contact-activity": f"/contacts/{declan.pk}/activity/",
            "contact-edit": f"/contacts/{declan.pk}/?edit=1",
            "contact-add": "/contacts/new/",
            "imports": "/imports/",
            "import": f"/imports/{brought.pk}/",
            "compose-contacts": f"/mailings/compose/?id={declan.pk}&kind=contact",
            "message-panel": f"/people/{kwame.pk}/message/",
            "scheduled": "/scheduled/",
            "compose": f"/mailings/compose/?id={amara.pk}&id={kwame.pk}",
            "campaigns": "/campaigns/",
            "campaigns-none": "/campaigns/?q=nothing",
            "campaign": f"/campaigns/{campaign.pk}/",
            "campaign-none": f"/campaigns/{campaign.pk}/?response=declined",
            "campaign-contacts": f"/campaigns/{campaign.pk}/?kind=contact",
            "campaign-add": "/campaigns/new/",
            "campaign-edit": f"/campaigns/{campaign.pk}/edit/",
            "campaign-choose": f"/campaigns/choose/?id={amara.pk}&id={kwame.pk}",
            "mailings": "/mailings/",
            "mailing": f"/mailings/{mailing.pk}/",
            "mailing-scheduled": f"/mailings/{waiting.pk}/",
            "mailing-edit": f"/mailings/{waiting.pk}/edit/",
            "templates": "/templates/",
            "template": f"/templates/{template.pk}/",
            "template-new": "/templates/new/",
            "search": "/search/",
            "search-found": f"/search/?q={LONG[:5]}",
            "search-none": f"/search/?q=nobody&channel=sms&person={amara.pk}",
            "reminders": "/reminders/",
            "review": "/review/",
            "review-mail": f"/review/{stray.pk}/",
            "delivery": "/delivery/",
            "sandbox": "/sandbox/",
            "sandbox-mail": f"/sandbox/{mail.pk}/",
            "sandbox-headers": f"/sandbox/{mail.pk}/?view=headers",
            "sandbox-phones": "/sandbox/phone/",
            "sandbox-phone": f"/sandbox/phone/?number=%2B{amara.phone[1:]}",
            "settings": "/settings/",
            "settings-suppressions": "/settings/suppressions/",
            "settings-suppression": f"/settings/suppressions/{suppressed.pk}/",
            "settings-agencies": "/settings/agencies/",
            "settings-agency": f"/settings/agencies/{agency_user.agency_id}/",
            "settings-audit": "/settings/audit/",
            "settings-password": "/accounts/password/change/",
            "settings-organization": "/settings/organization/",
            "settings-members": "/settings/members/",
            "settings-delivery": "/delivery/",
            "portal": way_in(conversation),
            "portal-preferences": f"/portal/{conversation.pk}/preferences/",  # by the cookie that the link gave
            "portal-closed": way_in(closed),
            "portal-no-way-in": "/p/nothing/",
            "unsubscribe": way_out(conversation),
            "unsubscribe-nothing": "/unsubscribe/nothing/",
            "not-found": "/nowhere/",
            "agency-join": _invitation(sofia),
            "agency-join-over": "/agency/join/nothing/",
        },
        agency_user,
        agencys,
    )
