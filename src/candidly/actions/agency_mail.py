"""Answers by mail to alerts about agency messages: into the thread, or back to whoever wrote, and nowhere else.

They never come to the review tray, which recruiters read: a thread may be private.
"""

from django.db import transaction

from candidly.actions import agency_talk, filing, notices
from candidly.actions.agency_alerts import page_of
from candidly.actions.agency_talk import Words
from candidly.actions.errors import Refused
from candidly.envelope import Incoming
from candidly.mail.addresses import normalise
from candidly.models import AgencyMessage, AgencyReplyAddress, AgencyUser, InboundMail, Member, Notice
from candidly.rules import mail_identity
from candidly.rules.agencies import Speaker, Talk, mark_of
from candidly.rules.agency_mail import agency_address_missed

State = InboundMail.State

UNREADABLE = "Your answer could not be read by our mail server."


def settle(mail: InboundMail, incoming: Incoming) -> bool:
    """Whether the mail was such an answer, and is done with. The caller holds the transaction."""
    address = mail.agency_address or _missed(mail, incoming)
    if address is None:
        return False
    speaker = _speaker(address)
    if incoming.automatic:
        filing.end(mail, State.DROPPED, problem=f"An automatic answer ({incoming.automatic})."[:500])
    elif speaker is None:
        filing.end(mail, State.DROPPED, problem="Whoever wrote has no access any more.")
    elif problem := _doubt(mail, speaker, incoming):
        _give_back(mail, speaker, problem)
    else:
        _pass_on(mail, address, speaker, incoming)
    return True


def _missed(mail: InboundMail, incoming: Incoming) -> AgencyReplyAddress | None:
    """An answer that went to the organization's own address: nobody else may read it either."""
    address = agency_address_missed(incoming) if mail.reply_address_id is None else None
    if address:
        mail.agency_address = address
        mail.save(update_fields=["agency_address"])
    return address


def _doubt(mail: InboundMail, speaker: Speaker, incoming: Incoming) -> str:
    """Why it is not passed on as theirs; empty when it is."""
    if normalise(incoming.sender.email) != normalise(speaker.email):
        sender = incoming.sender.email or "an address that cannot be read"
        return f"It came from {sender}. Only mail from {speaker.email} is passed on as yours."
    if not (mail_identity.token_in(mail.envelope_to) or mail_identity.return_token_in(mail.envelope_to)):
        return f"It was sent to {mail.envelope_to} instead of the address that our mail asks to answer to."
    return ""


def give_up(mail: InboundMail) -> None:
    """It cannot be read, however often one tries: whoever wrote should know."""
    speaker = _speaker(mail.agency_address) if mail.agency_address else None
    if speaker:
        _give_back(mail, speaker, UNREADABLE)
    else:
        filing.end(mail, State.DROPPED, problem=UNREADABLE)


def _speaker(address: AgencyReplyAddress) -> Speaker | None:
    """Whose address it is, while they have access."""
    user = address.user
    if not user.is_active:
        return None
    found = Member.objects.filter(user=user).select_related("user", "organization").first()
    return found or AgencyUser.objects.filter(user=user).select_related("user", "agency__organization").first()


def _pass_on(mail: InboundMail, address: AgencyReplyAddress, speaker: Speaker, incoming: Incoming) -> None:
    thread = address.thread
    if incoming.message_id and thread.messages.filter(rfc_message_id=incoming.message_id[:998]).exists():
        filing.end(mail, State.DUPLICATE)
        return
    words = Words(
        text=incoming.reply,
        drawn=mark_of(address.audience),
        files=incoming.files,
        rfc_message_id=incoming.message_id,
    )
    try:
        with transaction.atomic():
            if filing.end(mail, State.FILED):
                _file(mail, agency_talk.say(speaker, Talk.of(thread), words))
    except Refused as refusal:
        _give_back(mail, speaker, str(refusal), incoming.reply)


def _file(mail: InboundMail, message: AgencyMessage) -> None:
    InboundMail.objects.filter(pk=mail.pk).update(agency_message=message)


def _give_back(mail: InboundMail, speaker: Speaker, why: str, said: str = "") -> None:
    """Nothing was posted: they are told why, at their own address, with what they wrote where it was really theirs."""
    assert mail.agency_address is not None
    if not filing.end(mail, State.DROPPED, problem=why[:500]):
        return
    thread = mail.agency_address.thread
    wrote = f"\n\nYou wrote:\n\n{said}" if said.strip() else ""
    notices.enqueue(
        kind=Notice.Kind.AGENCY,
        organization=thread.organization,
        user=speaker.user,
        to_address=speaker.email,
        subject=f"Your answer about {thread.person.full_name} was not posted"[:300],
        text=f"{why}\n\nNothing was posted. Open the conversation in Candidly to write there:\n"
        f"{page_of(thread, speaker)}{wrote}",
    )
