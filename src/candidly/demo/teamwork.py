"""What the team does beside its mails: notes, calls, texts, reminders; and what the best known applied for before."""

from collections.abc import Iterator
from datetime import timedelta

from candidly.actions import assign, calls, conversations, hearing, notes, participations, people, reminders, scheduled
from candidly.actions.hearing import Heard
from candidly.demo.talks import Past, hear
from candidly.demo.team import Team
from candidly.demo.teamwork_texts import BEFORE, CLOSED, THANKS
from candidly.models import Application, Conversation, Member, Message, Stage, clock

DUE = timedelta(days=4)
TOMORROW = timedelta(hours=20)


def tell_before(team: Team, applications: list[Application], past: Past) -> None:
    """Earlier applications, of other years and with other colleagues: declined, each with its conversation."""
    members = {"priya": team.priya, "marcus": team.marcus, "hannah": team.hannah}
    for place, opening, ago, who, subject, turns in sorted(BEFORE, key=lambda before: -before[2]):
        person, began = applications[place].person, past.now - timedelta(days=ago)
        application = people.apply(
            person, team.openings[opening], stage=Stage.APPLIED, stage_owner=members[who], applied_at=began
        )
        first, *rest = turns
        said = [conversations.start(members[who], person, subject=subject, text=first, application=application)]
        said += [hear(said[0], text) for text in rest]
        people.move(application, Stage.DECLINED)
        for number, message in enumerate(said, start=1):
            past.said_at[message.pk] = began + timedelta(days=number)
        Application.objects.filter(pk=application.pk).update(declined_at=began + timedelta(days=len(said) + 1))
        participations.mark_read(members[who], [said[0].conversation_id])


def tell_today(team: Team, applications: list[Application], past: Past) -> None:
    """The last two hours, in their order: each message some minutes after the one before."""
    said_at = past.now - timedelta(minutes=110)
    for message in _today(team, [_newest(application) for application in applications[:10]]):
        past.said_at[message.pk] = said_at
        said_at += timedelta(minutes=7)


def _newest(application: Application) -> Conversation:
    of_it = application.conversations.select_related("person", "organization", "application", "owner__user")
    return of_it.latest("last_message_at")


def _today(team: Team, talks: list[Conversation]) -> Iterator[Message]:
    amara, kwame, ingrid, fatou, zainab, _, tomasz, leila, sofia, junho = talks
    yield notes.note(team.priya, amara, "@Hannah NMC register checked, no restrictions. Worth asking about CRRT.")
    yield _assigned(team.hannah, kwame, team.priya)
    yield calls.log(
        team.priya, kwame.person, conversation=kwame, outcome=Message.CallOutcome.SPOKE,
        note="Could start on 6 April, four nights a week. Asks whether Thursdays can move to Fridays in Ramadan.",
    )  # fmt: skip
    yield calls.log(team.hannah, ingrid.person, conversation=ingrid, outcome=Message.CallOutcome.VOICEMAIL)
    yield _said(team.hannah, ingrid, "I tried to call you, Ingrid. Is this afternoon any good?", ["sms"])
    yield hearing.hear(ingrid, Heard("sms", "Yes! After four, please", from_address=ingrid.person.phone))
    yield _said(team.hannah, fatou, "Your rota for the trial shift is in the portal now, Fatou.", ["sms", "app"])
    yield hearing.hear(fatou, Heard("app", "Got it, thank you. Is there a locker for my bag?"))
    yield _said(team.priya, zainab, "We have all we need. You hear from us by Friday.", ["email", "app"])
    was = _application(leila)
    people.move(was, Stage.DECLINED, was=Stage(was.stage), by=team.hannah)
    leila.application.refresh_from_db()  # type: ignore[union-attr]
    yield _said(team.hannah, leila, CLOSED.format(first=leila.person.first_name), ["email"])
    yield hear(leila.messages.latest("pk"), THANKS)
    yield notes.note(team.hannah, tomasz, "@Priya Tomasz has an offer from York as well. Can we be quicker?")
    _schedule(team.hannah, sofia)
    _schedule(team.priya, junho)


def _application(conversation: Conversation) -> Application:
    assert conversation.application is not None
    return conversation.application


def _assigned(by: Member, conversation: Conversation, to: Member) -> Message:
    assign.assign(by, conversation, to)
    return conversation.messages.latest("pk")


def _said(member: Member, conversation: Conversation, text: str, channels: list[str]) -> Message:
    return conversations.answer(member, conversation, text=text, channels=channels)


def _schedule(member: Member, conversation: Conversation) -> None:
    name = conversation.person.first_name
    words = scheduled.Words(
        f"Good morning {name},\n\nhow did the visit go?\n\n{member.name}", channels=("email", "app")
    )
    scheduled.send_later(member, conversation.person, words, due_at=clock.now() + TOMORROW, conversation=conversation)


def remember(team: Team, past: Past) -> None:
    """Hannah's and Priya's reminders: one each that nobody has answered in time, and some that wait.

    What they are about has its time by now.
    """
    for member in (team.hannah, team.priya):
        unanswered = Message.objects.filter(member=member, mailing=None, deliveries__state="sent").exclude(
            conversation__last_direction=Message.Direction.IN
        )
        newest_first = unanswered.distinct().order_by("-pk")
        old = newest_first.filter(created_at__lt=past.now - DUE, created_at__gt=past.now - 3 * DUE).first()
        if old:
            reminders.remind(member, old, 3)
        for message in newest_first.filter(created_at__gt=past.now - timedelta(days=2))[:2]:
            reminders.remind(member, message, 5)
    while reminders.fall_due():
        pass
