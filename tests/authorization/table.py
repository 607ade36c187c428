"""Who may do what, address by address. A new address fails the tests until it has its row here.

A letter for each of ROLES:

    y  done or shown            l  asked to sign in         4  there is no such thing
    2  refused in words         3  not theirs to do         5  no such method

A method that a row does not name must not exist.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.authorization.world import World

ROLES = (
    "nobody",
    "Omar of another organization",
    "Ruth, who only reads",
    "Marcus, for his own opening",
    "Marcus, for another team's",
    "Hannah, the recruiter",
    "Sofia, the super admin",
)

type Form = Callable[[World], dict[str, Any]]


def nothing(world: World) -> dict[str, Any]:
    return {}


def words(world: World) -> dict[str, Any]:
    return {"subject": "Hello", "text": "Hello", "channels": ["email"]}


def later(world: World) -> dict[str, Any]:
    return {**words(world), "date": "2090-03-01", "time": "09:00"}


def saying(world: World) -> dict[str, Any]:
    return {"text": "Hello", "drawn": world.keys["audience"]["mark"]}


def draft(world: World) -> dict[str, Any]:
    return {"conversation": world.keys["conversation"]["pk"], "text": "Hello"}


def key_of(thing: str, name: str = "id") -> Form:
    """A form that names one thing."""
    return lambda world: {name: world.keys[thing]["pk"]}


def mailing(world: World) -> dict[str, Any]:
    audience = json.dumps({"ids": [world.keys["person"]["pk"]]})
    return {"audience": audience, "subject": "Hello", "body": "Dear you", "channels": ["email"]}


def chosen(world: World) -> dict[str, Any]:
    audience = json.dumps({"ids": [world.keys["person"]["pk"]]})
    return {"audience": audience, "kind": "candidate", "campaign": "new", "name": "Another one"}


def template(world: World) -> dict[str, Any]:
    return {"name": "A new one", "subject": "Hello", "body": "Dear you"}


def fixed(**fields: object) -> Form:
    return lambda world: fields


@dataclass(frozen=True)
class Row:
    """`thing` is what the address is about, `form` what a POST carries, `query` what a GET asks for.

    `is_librarys`: a page of a library's, which answers further methods in its own way. `others` is what Sofia gets for
    methods that it does not name.
    """

    methods: Mapping[str, str]
    thing: str = "-"
    form: Form = nothing
    query: Form = nothing
    is_librarys: bool = False
    others: str = "5"


def get(letters: str, thing: str = "-", query: Form = nothing) -> Row:
    return Row({"GET": letters}, thing, query=query)


def post(letters: str, thing: str = "-", form: Form = nothing) -> Row:
    return Row({"POST": letters}, thing, form)


def both(read: str, write: str, thing: str = "-", form: Form = nothing, query: Form = nothing) -> Row:
    return Row({"GET": read, "POST": write}, thing, form, query)


def account(read: str, write: str = "", thing: str = "-") -> Row:
    methods = {"GET": read} | ({"POST": write} if write else {})
    return Row(methods, thing, is_librarys=True)


def agencys(*methods: str, thing: str = "-") -> Row:
    """A page of the agencies, which is not there for any member; test_agency_walls.py looks at the other side."""
    return Row(dict.fromkeys(methods, "l444444"), thing, others="4")


ANYBODY = "yyyyyyy"
NOBODY = "4444444"
MEMBERS = "lyyyyyy"
ADMINS = "l33333y"
ADMINS_HIDDEN = "l44444y"
OWN = "l4yy4yy"  # of one organization, and for a hiring manager of their own openings
WRITERS = "l42y4yy"
PARTICIPANTS = "l4444y4"  # what each has for themselves of a conversation
WRITERS_ALONE = "l43y4yy"

TABLE: dict[str, Row] = {
    # ── The frame
    "home": get(MEMBERS),
    "live_token": get("l444444"),  # without an old token there is no new one
    "healthz": get(ANYBODY),
    "readyz": get(ANYBODY),
    "metrics": get("4444444"),  # only where a token is set, and for who brings it
    # ── Accounts
    "setup": both(ANYBODY, ANYBODY),
    "account_login": account(ANYBODY, ANYBODY),
    "account_logout": account(ANYBODY, ANYBODY),
    "account_inactive": account(ANYBODY),
    "account_signup": account(ANYBODY, ANYBODY),  # says that it is closed
    "account_change_password": account(MEMBERS, MEMBERS),
    "account_set_password": account(MEMBERS, MEMBERS),
    "account_reset_password": account(ANYBODY, ANYBODY),
    "account_reset_password_done": account(ANYBODY),
    "account_reset_password_from_key": account(ANYBODY, ANYBODY, "reset link"),
    "account_reset_password_from_key_done": account(ANYBODY),
    # ── Settings
    "settings": both(MEMBERS, MEMBERS, form=fixed(name="Me", time_zone="UTC", undo_seconds="10", alerts="each")),
    "settings_organization": both(
        ADMINS, ADMINS, form=fixed(name="New name", time_zone="UTC", quiet_from="21:00", quiet_until="08:00")
    ),
    "settings_members": both(ADMINS, ADMINS, form=fixed(name="New", email="new@northlane.example", role="recruiter")),
    "settings_member_role": post(ADMINS, "member", fixed(role="read_only")),
    "settings_member_access": post(ADMINS, "member", fixed(active="no")),
    "settings_emails": get(MEMBERS),
    "mailboxes_switch": post(ADMINS_HIDDEN, form=fixed(on="yes")),
    "mailboxes_label": post(ADMINS_HIDDEN, form=fixed(mailbox_label="Hire")),
    "mailboxes_remind": post(ADMINS_HIDDEN),
    # Nobody has a mailbox to connect before it is turned on (tests/web/test_own_mailboxes.py).
    "mailbox": get("l444444"),
    "mailbox_look": post("l444444"),
    "mailbox_disconnect": post("l444444"),
    "mailbox_imap": both("l444444", "l444444"),
    "mailbox_google": post("l444444"),
    "mailbox_google_callback": get("l444444"),
    # ── Conversations
    "inbox": get(MEMBERS),
    "inbox_rows": get(MEMBERS),
    "inbox_counter": get(MEMBERS),
    "inbox_archive": Row({"POST": MEMBERS, "DELETE": "l444444"}, form=key_of("conversation", "ids")),  # names none
    "inbox_unread": Row({"POST": MEMBERS, "DELETE": "l444444"}, form=key_of("conversation", "ids")),  # names none
    "press_enter": post(MEMBERS),
    "conversation": get(OWN, "conversation"),
    "conversation_messages": both(OWN, WRITERS, "conversation", words, fixed(after="0")),
    "conversation_archive": Row({"POST": PARTICIPANTS, "DELETE": PARTICIPANTS}, "conversation"),
    "conversation_unread": post(PARTICIPANTS, "conversation"),
    "conversation_snooze": Row(
        {"POST": PARTICIPANTS, "DELETE": PARTICIPANTS}, "conversation", fixed(choice="tomorrow")
    ),
    "portal_link_revoke": post("l43y4yy", "conversation"),
    "conversation_assign": both(OWN, WRITERS, "conversation", key_of("member", "to")),
    "conversation_calls": post(WRITERS, "conversation", fixed(they_called="no", outcome="spoke")),
    "conversation_colleagues": get(OWN, "conversation"),
    "conversation_reminders": get(OWN, "conversation"),
    "message_formatted": get(OWN, "message"),
    "message_html": get(OWN, "message"),
    "message_text": get(OWN, "message"),
    "message_retry": post("l43y4yy", "delivery"),
    "attachments_upload": post("l232222"),  # nothing is attached
    "attachment": get(OWN, "attachment"),
    # ── Writing to one person
    "composer": get(WRITERS_ALONE, query=key_of("conversation", "conversation")),
    "drafts": post(WRITERS_ALONE, form=draft),
    "inserts": get("ly3yyyy"),
    "insert_template": get("l43yyyy", "template"),
    "message_panel": get(WRITERS_ALONE, "person"),
    "viewing": both(OWN, OWN, "conversation"),
    "scheduled": get(MEMBERS),
    "scheduled_time": get(WRITERS_ALONE, query=key_of("person", "person")),
    "scheduled_state": get("l44y4yy", "scheduled"),
    "scheduled_change": both(WRITERS_ALONE, WRITERS_ALONE, "scheduled", later),
    "scheduled_cancel": post(WRITERS_ALONE, "scheduled"),
    "scheduled_send": post(WRITERS_ALONE, "scheduled"),
    # ── Candidates
    "candidates": get(MEMBERS),
    "candidate_add": both("ly3yyyy", "ly322yy", form=fixed(first_name="New")),  # a hiring manager names an opening
    "candidate": get(OWN, "person"),
    "candidate_edit": post("l43y4yy", "person", fixed(first_name="New")),
    "candidate_emails": get(OWN, "person"),
    "candidate_messages": get(OWN, "person"),
    "candidate_previous": get(OWN, "person"),
    "candidate_activity": get(OWN, "person"),
    "application_stage": both(OWN, "l43y4yy", "application", fixed(stage="3", was="1")),
    "application_coordinator": both("l43y4yy", "l43y4yy", "application", key_of("member", "owner")),
    "person_calls": post(WRITERS, "person", fixed(they_called="no", outcome="spoke")),
    "person_conversations": post(WRITERS, "person", words),
    # ── Openings
    "openings": get(MEMBERS),
    "opening_add": both("ly333yy", "ly333yy", form=fixed(title="New")),
    "opening": both(OWN, "l4334yy", "opening", fixed(title="Renamed")),
    "opening_open": post("l4334yy", "opening", fixed(open="no")),
    "candidate_enter": both("l43y4yy", "l43y4yy", "person", key_of("another opening", "opening")),
    # ── Contacts: a hiring manager's people are those who applied, and contacts never do
    "contacts": get(MEMBERS),
    "contact_add": both("ly333yy", "ly333yy", form=fixed(first_name="New")),
    "contact": get("l4y44yy", "contact"),
    "contact_edit": post("l4344yy", "contact", fixed(first_name="New")),
    "contact_emails": get("l4y44yy", "contact"),
    "contact_messages": get("l4y44yy", "contact"),
    "contact_activity": get("l4y44yy", "contact"),
    # ── Lists that come in
    "imports": both("ly333yy", "l233322"),
    "import": get("l4333yy", "import"),
    "import_progress": get("l4333yy", "import", fixed(state="checking")),
    "import_columns": post("l433322", "import"),  # no column is named
    "import_begin": post("l4333yy", "import"),
    "import_cancel": post("l4333yy", "import"),
    "import_problems": get("l4333yy", "import"),
    "export": get("ly333yy", "export"),
    # ── Reminders
    "reminders": get(MEMBERS),
    "reminders_counter": get(MEMBERS),
    "reminder_done": post("l4444y4", "reminder", fixed(done="on")),  # Hannah's own
    "reminder_due": get("l4444y4", "reminder"),
    # ── Mailings
    # ── Campaigns: everybody of the organization sees them
    "campaigns": get(MEMBERS),
    "campaign_add": both("ly3yyyy", "ly3yyyy", form=fixed(name="Another one")),
    "campaign_choose": both("ly3yyyy", "l23y2yy", form=chosen, query=key_of("person")),
    "campaign_intake": get("l4yyyyy", "campaign intake"),
    "campaign": get("l4yyyyy", "campaign"),
    "campaign_edit": both("l43yyyy", "l43yyyy", "campaign", form=fixed(name="Another name")),
    "campaign_remove": post("l43yyyy", "campaign", form=key_of("person")),
    "campaign_restore": post("l43yyyy", "campaign at"),
    "respond": both(ANYBODY, ANYBODY, "response link"),  # who has the link answers; the page says whether it is one
    "mailing_example": post("ly3yyyy", form=mailing),
    "campaign_response": post(WRITERS_ALONE, "campaign member", form=fixed(response="accepted")),
    "mailings": both(MEMBERS, "l23y2yy", form=mailing),
    "compose": get("ly3yyyy"),
    "compose_text": post("ly3yyyy"),
    "mailing_preview": post("ly3yyyy", form=mailing),
    "mailing_people": post("ly3yyyy", form=mailing),
    "preview_frame": post(MEMBERS, form=fixed(html="<p>Hello</p>")),
    "mailing": get("l4y44yy", "mailing"),
    "mailing_progress": get("l4y44yy", "mailing"),
    "mailing_edit": both("l4344yy", "l4344yy", "mailing", mailing),
    "mailing_edit_preview": post("l4344yy", "mailing", mailing),
    "mailing_start": post("l4344yy", "mailing"),
    "mailing_pace": post("l4344yy", "mailing", fixed(per_minute="10")),
    "mailing_report": get("l4344yy", "mailing"),
    "mailing_pause": Row({"POST": "l4344yy", "DELETE": "l4344yy"}, "mailing"),
    "mailing_cancel": post("l4344yy", "mailing"),
    "mailing_retry": post("l4344yy", "mailing"),
    # ── Templates
    "templates": get(MEMBERS),
    "template_new": both("ly3yyyy", "ly3yyyy", form=template),
    "template_preview": post(MEMBERS, form=template),
    "template_people": get(MEMBERS),
    "template_convert": post(MEMBERS),
    "template_copy": post("l43yyyy", "template"),
    "template_deleted": Row({"DELETE": "l43yyyy"}, "template"),
    "template_versions": get("l4yyyyy", "template"),
    "template_version": both("l4yyyyy", "l43yyyy", "template version"),
    "template": Row({"GET": "l4yyyyy", "POST": "l43yyyy", "DELETE": "l43yyyy"}, "template", template),
    # ── Review tray
    "search": get(MEMBERS),
    "review": get("ly444yy"),
    "review_mail": get("l4444yy", "stray"),
    "review_conversations": get("l4444yy", "stray"),
    "review_file": post("l4444yy", "stray", key_of("conversation", "conversation")),
    "review_drop": post("l4444yy", "stray"),
    "review_html": get("l4444yy", "stray"),
    "review_attachment": get("l444444", "stray file"),  # it carries none
    # ── Delivery
    "delivery": get(ADMINS_HIDDEN),
    "delivery_figures": get(ADMINS_HIDDEN),
    "delivery_retry": post(ADMINS_HIDDEN, form=key_of("delivery")),
    "delivery_again": post(ADMINS_HIDDEN, form=key_of("delivery")),
    "delivery_sent": post(ADMINS_HIDDEN, form=key_of("delivery")),
    "delivery_hold": post(ADMINS_HIDDEN, form=key_of("delivery")),
    "gateway_try": post(ADMINS_HIDDEN, "gateway"),
    # ── The portal: who came by a link has no role here, and a role opens nothing
    "portal_enter": get(ANYBODY, "portal link"),
    "portal": both(NOBODY, NOBODY, "conversation", words),
    "portal_messages": get(NOBODY, "conversation"),
    "portal_seen": post(NOBODY, "conversation"),
    "portal_file": get(NOBODY, "portal file"),
    "portal_preferences": both(NOBODY, NOBODY, "conversation"),
    "portal_live_token": get(NOBODY, "conversation"),
    # ── Unsubscribe: the token is all that counts
    "unsubscribe": both(ANYBODY, ANYBODY, "unsubscribe"),
    # ── The talk with an agency about a candidate
    "talks": get(OWN, "person"),
    "talk": both(OWN, WRITERS, "talk", saying),
    "talk_messages": get(OWN, "talk"),
    "talk_seen": post(OWN, "talk", fixed(up_to="1")),
    "talk_message": Row({"DELETE": "l4444y4"}, "agency message"),  # Hannah's own
    "talk_file": get(OWN, "agency file"),
    # ── The agencies' own pages
    "agency": agencys("GET"),
    "agency_counter": agencys("GET"),
    "agency_live_token": agencys("GET"),
    "agency_submit": agencys("GET", "POST"),
    "agency_candidate": agencys("GET", "POST", thing="person"),
    "agency_top": agencys("GET", thing="person"),
    "agency_messages": agencys("GET", thing="person"),
    "agency_seen": agencys("POST", thing="person"),
    "agency_message": agencys("DELETE", thing="agency message"),
    "agency_file": agencys("GET", thing="agency file"),
    "agency_preferences": agencys("GET", "POST"),
    "agency_join": both(ANYBODY, "2222222", "invitation link", fixed(name="Nora")),  # no password, or signed in
    # ── Agencies
    "settings_agencies": both("ly444yy", "ly444yy", form=fixed(name="Another agency")),
    "settings_agency": both("l4444yy", "l4444yy", "agency", form=fixed(name="Another name")),
    "settings_agency_access": post("l4444yy", "agency", fixed(active="no")),
    "settings_agency_colleagues": post("l4444yy", "agency", fixed(allowed="yes")),
    "settings_agency_invite": post("l4444yy", "agency", fixed(name="New", email="new@agency.example")),
    "settings_agency_withdraw": post("l4444yy", "invitation"),
    "settings_agency_user_access": post("l4444yy", "agency user", fixed(active="no")),
    # ── Audit log
    "audit": get(ADMINS_HIDDEN),
    "audit_export": post(ADMINS_HIDDEN),
    # ── Suppression list
    "suppressions": both("ly444yy", "ly444yy", form=fixed(channel="sms", address="+447700900444")),
    "suppression": get("l4444yy", "suppression"),
    "suppression_release": post("l4444yy", "suppression"),
    # ── Webhooks: the provider's signature counts, and nobody's sign-in
    "sms_inbound": post("3333333"),
    "sms_status": post("3333333"),
    "gmail_push": post("3333333"),  # without the token of Google's Pub/Sub
    # ── The sandbox stands for the world outside, so it is nobody's; it is there only until there is a relay
    "sandbox": get(MEMBERS),
    "sandbox_newer": get(MEMBERS),
    "sandbox_clear": post(MEMBERS),
    "sandbox_mail": get(MEMBERS, "sandbox mail"),
    "sandbox_answer": post(MEMBERS, "sandbox mail"),
    "sandbox_html": get(MEMBERS, "sandbox mail"),
    "sandbox_source": get(MEMBERS, "sandbox mail"),
    "sandbox_file": get("l444444", "sandbox file"),
    "sandbox_phone": get(MEMBERS),
    "sandbox_phone_newer": get(MEMBERS),
    "sandbox_phone_answer": post(MEMBERS),
    "sandbox_phone_clear": post(MEMBERS),
    "sandbox_phone_status": post(MEMBERS, "sandbox text"),
    "sandbox_texts": post("lllllll", "provider account"),  # who signs in there is the worker
}
