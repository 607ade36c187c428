"""What a member writes to many people at once."""

import json
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from candidly.actions.errors import Refused
from candidly.actions.mailings import Order, check_channels
from candidly.actions.merge_html import sanitized
from candidly.config import config
from candidly.models import AddressRule, Attachment, Campaign, Mailing, Member, Person, Place, Template
from candidly.rules.access import attachments_for, campaigns_for, templates_offered
from candidly.rules.addressing import rule_for
from candidly.rules.channels import CHANNELS, carried
from candidly.rules.numbers import number_in
from candidly.rules.preflight import CHOICES, USUALLY_OUT, Intent
from candidly.web.writing.composer import FIRST_CHANNELS, Way
from candidly.web.writing.preview import Text
from candidly.web.writing.when import DAY, HOUR, chosen_moment

LONGEST_BODY = 200_000
AT_THEIR_FIELD = ("subject", "body", "date", "time", "__all__")
MOST_IDS = 1000
#: Which templates each list of people offers, and each kind of a campaign's members.
PLACES = {Person.Kind.CANDIDATE.value: Place.CANDIDATES, Person.Kind.CONTACT.value: Place.CONTACTS}
CAMPAIGN_PLACES = {
    Person.Kind.CANDIDATE.value: Place.CAMPAIGN_CANDIDATES,
    Person.Kind.CONTACT.value: Place.CAMPAIGN_CONTACTS,
}
LOST = "The selection was lost. Close this panel and choose the people again."
NO_TEXTS = "Text messages are not set up on this server."
TOO_MANY_TICKED = f"More than {MOST_IDS:,} people are ticked one by one. Narrow the filter, then take all in it."


class ComposeForm(forms.Form):
    """The drawer. `audience` travels as it came from the list; who is in it is decided by access, when it is read."""

    audience = forms.JSONField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=Person.Kind, required=False, widget=forms.HiddenInput)
    send_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    channels = forms.MultipleChoiceField(
        choices=[(name, channel.label) for name, channel in CHANNELS.items()], required=False
    )
    template = forms.ModelChoiceField(Template.objects.none(), required=False, empty_label="None, write a new text")
    subject = forms.CharField(max_length=300, required=False)
    body = forms.CharField(
        label="Message", max_length=LONGEST_BODY, required=False, strip=False, widget=forms.Textarea(attrs={"rows": 10})
    )
    is_html = forms.BooleanField(required=False, widget=forms.HiddenInput)
    attachments = forms.TypedMultipleChoiceField(coerce=int, required=False)
    is_later = forms.BooleanField(required=False)
    date = forms.DateField(required=False, error_messages=DAY)
    time = forms.TimeField(required=False, error_messages=HOUR)
    is_local_time = forms.BooleanField(required=False)
    address_rule = forms.ChoiceField(choices=AddressRule.choices[1:], required=False, widget=forms.RadioSelect)
    falls_back = forms.BooleanField(required=False)

    def __init__(self, member: Member, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.member = member
        self.campaign = self._named_campaign()
        places = CAMPAIGN_PLACES if self.campaign else PLACES
        offered = templates_offered(member, places[self.kind_of_people])
        self.fields["template"].queryset = offered  # type: ignore[attr-defined]
        # Any number may be named here; `clean_attachments` finds out whose it is.
        self.fields["attachments"].valid_value = lambda value: number_in(str(value)) > 0  # type: ignore[attr-defined]

    @classmethod
    def fresh(
        cls, member: Member, audience: dict[str, Any], kind: str = "", template: Template | None = None
    ) -> "ComposeForm":
        """An empty form, or one that starts from a template."""
        initial: dict[str, Any] = {"audience": audience, "kind": kind, "send_key": uuid4().hex, "template": template}
        initial["channels"] = FIRST_CHANNELS
        initial |= {"address_rule": rule_for(template.address_rule if template else "", kind), "falls_back": True}
        if template:
            initial["falls_back"] = template.falls_back
            initial |= {"subject": template.subject, "body": template.body, "is_html": template.is_html}
        return cls(member, initial=initial)

    @classmethod
    def of(cls, member: Member, mailing: Mailing) -> "ComposeForm":
        """What a scheduled mailing says, and when it goes on the member's clock."""
        at = timezone.localtime(mailing.starts_at) if mailing.starts_at else None
        names = ("audience", "kind", "send_key", "channels", "subject", "body", "is_html", "is_local_time", "template")
        kept = {name: getattr(mailing, name) for name in names}
        when = {"is_later": True, "date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}"} if at else {}
        return cls(member, initial={**kept, **when})

    @property
    def kind_of_people(self) -> str:
        """Of which list they are: candidates, unless the form says otherwise."""
        kind = str(self["kind"].value() or "")
        return kind if kind in PLACES else Person.Kind.CANDIDATE.value

    def _named_campaign(self) -> Campaign | None:
        """The one whose members they are."""
        named: Any = self["audience"].value()
        with suppress(ValueError):
            named = json.loads(named) if isinstance(named, str) else named
        number = named.get("campaign") if isinstance(named, dict) else None
        return campaigns_for(self.member).filter(pk=number).first() if isinstance(number, int) else None

    @property
    def chosen_channels(self) -> list[str]:
        """By which it goes. A campaign goes by e-mail."""
        return ["email"] if self.campaign else list(self["channels"].value() or [])

    @property
    def ways(self) -> list[Way]:
        """The chips to choose them by."""
        chosen = self.chosen_channels
        closed = {} if config().texts else {"sms": NO_TEXTS}
        return [
            Way(channel, name in chosen and name not in closed, closed.get(name, ""))
            for name, channel in CHANNELS.items()
        ]

    @property
    def addressing(self) -> dict[str, Any]:
        """Which address it goes to. Where the form does not ask, each kind's own, or the other one."""
        if "address_rule" not in self.data:
            return {"address_rule": "", "falls_back": True}
        chosen = self.cleaned_data
        return {"address_rule": chosen.get("address_rule") or "", "falls_back": bool(chosen.get("falls_back"))}

    def clean_kind(self) -> str:
        return self.kind_of_people

    def clean_audience(self) -> dict[str, Any]:
        """`{"ids": [numbers]}` or `{"filter": {…}}` and nothing beside it; or members of a campaign that is there."""
        match self.cleaned_data["audience"]:
            case {"ids": []}:
                raise forms.ValidationError("Nobody is selected any more. Choose the people again.")
            case {"ids": list(ids), **rest} if not rest and all(isinstance(pk, int) for pk in ids):
                if len(ids) > MOST_IDS:
                    raise forms.ValidationError(TOO_MANY_TICKED)
                return {"ids": ids}
            case {"filter": dict(chosen), **rest} if not rest:
                return {"filter": chosen}
            case {"campaign": int()} if self.campaign:
                narrowing: dict[str, Any] = self.cleaned_data["audience"]
                if narrowing.keys() <= {"campaign", "ids", "responses", "q"} and all(
                    isinstance(narrowing.get(name, []), list) for name in ("ids", "responses")
                ):
                    return narrowing
        raise forms.ValidationError(LOST)

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"].replace("\r\n", "\n")
        return sanitized(body) if self.data.get("is_html") == "True" else body

    def clean_attachments(self) -> list[Attachment]:
        """The member's own files that wait to be sent, or went with this very form when it was sent before."""
        named: list[int] = self.cleaned_data["attachments"]
        own = attachments_for(self.member).filter(uploaded_by=self.member, message=None, pk__in=named)
        key = self.cleaned_data.get("send_key") or ""
        files = [file for file in own.select_related("mailing") if not file.mailing or file.mailing.send_key == key]
        if len(files) < len(set(named)):
            raise forms.ValidationError("A file is no longer there. Remove it and attach it again.")
        return files

    def clean(self) -> dict[str, Any]:
        """`text` is what is written so far, to look at it as a recipient would, whether or not it may be sent."""
        cleaned = self.cleaned_data
        self.text = Text(
            self.member,
            subject=cleaned.get("subject") or "",
            body=cleaned.get("body") or "",
            is_html=bool(cleaned.get("is_html")),
            channels=tuple(self.chosen_channels),
            left_out=tuple(self.left_out),
            in_campaign=self.campaign is not None,
        )
        for name, problems in self.text.problems().items():
            self.add_error(name, problems)
        try:
            check_channels(self.chosen_channels, in_campaign=self.campaign is not None)
        except Refused as refusal:
            self.add_error("channels", str(refusal))
        cleaned["starts_at"] = self._starts_at()
        return cleaned

    def _starts_at(self) -> datetime | None:
        """The chosen time; None for now, and where what was chosen is no time (the error says so at the day)."""
        cleaned = self.cleaned_data
        if not cleaned.get("is_later") or {"date", "time"} & self.errors.keys():
            return None
        try:
            at = chosen_moment(cleaned.get("date"), cleaned.get("time"))
        except forms.ValidationError as error:
            self.add_error("date", error)
            return None
        if at is None:
            self.add_error("date", "Choose both a day and an hour, or send it now.")
        return at

    @property
    def left_out(self) -> list[str]:
        """The reasons of the pre-flight for which people are not to get it: as chosen, or as usual."""
        usual = {name: "skip" if name in USUALLY_OUT else "send" for name in CHOICES}
        return [name for name, choice in usual.items() if self.data.get(f"out_{name}", choice) == "skip"]

    @property
    def intent(self) -> Intent:
        """What the pre-flight looks at. A text that may not be sent yet has no empty fields."""
        return Intent(
            sender=self.member,
            audience=self.cleaned_data.get("audience") or {},
            kind=self.kind_of_people,
            channels=self.chosen_channels if carried(self.chosen_channels) else ["email"],
            texts=() if self.text.problems() else self.text.compiled,
            is_campaign=self.campaign is not None,
            left_out=self.left_out,
            **self.addressing,
        )

    @property
    def order(self) -> Order:
        """What a valid form asks for."""
        written = self.cleaned_data
        names = (
            "subject",
            "body",
            "is_html",
            "audience",
            "kind",
            "template",
            "attachments",
            "starts_at",
            "is_local_time",
        )
        return Order(
            **{name: written[name] for name in names},
            channels=self.chosen_channels,
            campaign=self.campaign,
            send_key=written["send_key"],
            left_out=self.left_out,
            **self.addressing,
        )

    def refuse(self, refusal: Refused) -> None:
        """The action would not: said at the field that it names."""
        field = "date" if refusal.field == "starts_at" else refusal.field
        self.add_error(field if field in self.fields else None, str(refusal))

    @property
    def when_errors(self) -> list[str]:
        """What is wrong with the time."""
        return [str(error) for name in ("date", "time") for error in self.errors.get(name, [])]

    @property
    def other_errors(self) -> list[str]:
        """What is wrong with none of the fields that show their own errors."""
        others = {name: errors for name, errors in self.errors.items() if name not in AT_THEIR_FIELD}
        return [str(error) for errors in others.values() for error in errors]

    @property
    def is_written_in_html(self) -> bool:
        return self["is_html"].value() in (True, "True")

    @property
    def audience_json(self) -> str:
        value = self["audience"].value()
        return value if isinstance(value, str) else json.dumps(value)


class PaceForm(forms.Form):
    """How many a minute; empty or 0 for no limit."""

    per_minute = forms.IntegerField(min_value=0, max_value=1_000_000, required=False)

    @property
    def sentence(self) -> str:
        return "Write how many mails a minute may leave as a whole number, or leave it empty for no limit."
