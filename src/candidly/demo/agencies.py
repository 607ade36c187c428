"""Two people of an agency, whom they submitted, and what was said about these."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.text import slugify

from candidly.actions import agencies, agency_talk, people, submitting
from candidly.actions.agency_talk import Words
from candidly.demo.talks import Past
from candidly.demo.team import PASSWORD, Team
from candidly.envelope import File
from candidly.models import (
    Agency,
    AgencyMessage,
    AgencyReadMark,
    AgencyThread,
    AgencyUser,
    Application,
    Member,
    Notice,
    Person,
    Stage,
)
from candidly.rules import agency_access
from candidly.rules.agencies import Speaker, Talk, audience_of

AGENCY = "Meridian Locums"
DECLAN, BRIDGET = "Declan Farrell", "Bridget Shaw"
DOMAIN = "meridian.example"


@dataclass(frozen=True)
class Submitted:
    """`opening` is its number in the story, `ago` days. Who was submitted first stands first."""

    by: str
    name: str
    place: str
    opening: int
    stage: Stage
    ago: int


SUBMITTED = (
    Submitted(DECLAN, "Adwoa Baffour", "Wakefield", 0, Stage.HIRED, 58),
    Submitted(DECLAN, "Parveen Sandhu", "Leeds", 0, Stage.DECLINED, 19),
    Submitted(DECLAN, "Callum O’Dowd", "Bradford", 1, Stage.OFFER, 14),
    Submitted(BRIDGET, "Siân Pryce", "York", 11, Stage.INTERVIEW, 12),
    Submitted(DECLAN, "Esra Vural", "Manchester", 2, Stage.SCREENING, 8),
    Submitted(BRIDGET, "Marek Novotný", "Leeds", 0, Stage.SCREENING, 5),
    Submitted(DECLAN, "Wen Huang", "Hull", 3, Stage.APPLIED, 1),
)
SUMMARY = "Submitted by {agency}. References and certificates are on file with us; available at four weeks’ notice."
#: About whom, who says it ("" is Hannah), whether privately with her, what, and how many minutes ago.
SAID = (
    ("Siân Pryce", BRIDGET, False, "Siân is back from leave on Monday and keeps Tuesday free for you.", 4_300),
    ("Siân Pryce", "", False, "Thank you, Bridget. Tuesday at ten then, on the ward.", 4_180),
    ("Esra Vural", DECLAN, False, "Esra would also take theatre recovery, if that helps your rota.", 2_900),
    ("Callum O’Dowd", DECLAN, False, "Callum has done two winters on your night rota as bank, so he knows the wards. "
     "References from Sister Pike are in his file.", 1_500),
    ("Callum O’Dowd", "", False, "That helps, thank you. The panel sees him on Thursday.", 1_440),
    ("Callum O’Dowd", "", True, "Between us: the panel liked him. Can you confirm the rate before I write the offer?",
     190),
    ("Callum O’Dowd", DECLAN, True, "Rate confirmed at band 3 top plus nights. He can start on 6 April if the DBS "
     "transfer is in by Friday.", 75),
)  # fmt: skip
CV = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj trailer<</Root 1 0 R>>\n%%EOF"
)
#: So long after they were submitted, of those who were.
DECLINED_AFTER = timedelta(days=6)
#: Hannah has not read what came later than this.
READ_BEFORE = timedelta(hours=2)
READ_AFTER = timedelta(minutes=25)


def tell(team: Team, past: Past) -> None:
    """The agency is invited, submits, and talks with Hannah; one more of theirs has not accepted yet."""
    agency = agencies.add(team.hannah, AGENCY)
    users = {name: _join(team.hannah, agency, name) for name in (DECLAN, BRIDGET)}
    agencies.invite(team.hannah, agency, name="Nora Quinn", email=f"nora@{DOMAIN}")
    candidates = {one.name: _submit(team, users[one.by], one, past) for one in SUBMITTED}
    for about, who, is_private, text, ago in SAID:
        agency_user = users[who] if who else _submitter(candidates[about])
        talk = Talk(candidates[about], agency_user, team.hannah if is_private else None)
        _say(users[who] if who else team.hannah, talk, text, timedelta(minutes=ago), past)


def _join(by: Member, agency: Agency, name: str) -> AgencyUser:
    """By the link of the invitation, as it stands in the mail."""
    email = f"{name.partition(' ')[0].lower()}@{DOMAIN}"
    agencies.invite(by, agency, name=name, email=email)
    mail = Notice.objects.filter(to_address=email).latest("pk").text
    invitation = agency_access.invitation(mail.partition("/agency/join/")[2].partition("/")[0])
    assert invitation is not None
    return agencies.accept(invitation, name=name, password=PASSWORD)


def _submit(team: Team, by: AgencyUser, one: Submitted, past: Past) -> Person:
    first, _, last = one.name.partition(" ")
    application = submitting.submit(
        by,
        team.openings[one.opening],
        email=f"{slugify(one.name).replace('-', '.')}@mail.example",
        cv=File(f"CV {one.name}.pdf", "application/pdf", CV),
        first_name=first,
        last_name=last,
        location=one.place,
        summary=SUMMARY.format(agency=by.agency),
    )
    people.coordinate(application, team.hannah)
    people.move(application, one.stage)
    submitted_at = past.now - timedelta(days=one.ago)
    submitted = Application.objects.filter(pk=application.pk)
    submitted.update(applied_at=submitted_at)
    submitted.filter(declined_at__isnull=False).update(declined_at=submitted_at + DECLINED_AFTER)
    application.attachments.update(created_at=submitted_at)
    Person.objects.filter(pk=application.person_id).update(created_at=submitted_at)
    return application.person


def _submitter(person: Person) -> AgencyUser:
    application = person.applications.select_related("submitted_by__agency", "submitted_by__user").get()
    assert application.submitted_by is not None
    return application.submitted_by


def _say(speaker: Speaker, talk: Talk, text: str, ago: timedelta, past: Past) -> None:
    """At its time; what Hannah answered later she has read, and the agency user what she wrote before today."""
    message = agency_talk.say(speaker, talk, Words(text, drawn=audience_of(talk).mark))
    said_at = past.now - ago
    AgencyMessage.objects.filter(pk=message.pk).update(created_at=said_at)
    AgencyThread.objects.filter(pk=message.thread_id).update(last_message_at=said_at)
    message.notices.update(created_at=said_at)
    if ago > READ_BEFORE:
        for reader in audience_of(talk).beside(speaker):
            agency_talk.read(reader, message.thread, message.pk)
        AgencyReadMark.objects.filter(thread=message.thread).update(read_at=said_at + READ_AFTER)
