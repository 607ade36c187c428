"""Write down who is in a mailing's audience at this moment, and who of them is left out, in one statement."""

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, Value, When

from candidly.models import Mailing, MailingRecipient
from candidly.models.planning import keep_plans_for_now
from candidly.rules.merge_fields import compile_text
from candidly.rules.preflight import ALL, Intent, recipients_of

State = MailingRecipient.State


def intent_of(mailing: Mailing) -> Intent:
    """What was asked for with it."""
    return Intent(
        sender=mailing.sender,
        audience=mailing.audience,
        channels=mailing.channels,
        texts=(compile_text(mailing.subject), compile_text(mailing.body)),
        kind=mailing.kind,
        address_rule=mailing.address_rule,
        falls_back=mailing.falls_back,
        is_campaign=mailing.campaign_id is not None,
        left_out=mailing.left_out,
    )


def freeze(mailing: Mailing) -> int:
    """However many they are. Returns how many, those who are left out among them."""
    told = [When(obstacle=reason.name, then=Value(reason.told)) for reason in ALL if reason.name != "empty"]
    rows = (
        recipients_of(intent_of(mailing))
        .annotate(
            of=Value(mailing.pk),
            # Which field is empty is told when the message would have been written.
            begin=Case(When(obstacle__in=("", "empty"), then=Value(State.PENDING.value)), default=Value("skipped")),
            why=Case(*told, default=Value(""), output_field=CharField()),
        )
        .order_by("pk")
        .values_list("pk", "mailing_application", "used_address", "used_phone", "of", "begin", "why")
    )
    try:
        select, parameters = rows.query.sql_with_params()
    except EmptyResultSet:  # Django knows without asking that nobody can match
        return 0
    columns = "person_id, application_id, address, phone, mailing_id, state, reason"
    keep_plans_for_now()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {MailingRecipient._meta.db_table} ({columns}) {select}", parameters)
        return int(cursor.rowcount)
