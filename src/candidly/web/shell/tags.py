"""The small marks that every page is made of. All are builtins: no template needs to load them."""

import unicodedata
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message as Toast
from django.forms import BoundField, CheckboxInput, Select
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince

from candidly.models import AgencyUser, Delivery, Member, Organization, Person, Stage
from candidly.rules import languages, snoozing
from candidly.rules.audience import STAGES
from candidly.rules.channels import CHANNELS, channel
from candidly.rules.ways import OWN, label_of
from candidly.web.shell.toasts import Undo, undo_of

register = template.Library()

TINTS = 6
THOUSAND = 1000
SQUARE = mark_safe(' data-shape="org"')


@register.simple_tag
@cache
def icon(name: str, size: str = "") -> SafeString:
    """A picture of icons.svg; `size` is empty, "sm" or "lg"."""
    if size:
        return format_html('<svg class="icon" data-size="{}" aria-hidden="true"><use href="#i-{}"/></svg>', size, name)
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.filter
def commas(words: str) -> str:
    """Addresses that are parted by a space, as people list them."""
    return ", ".join(words.split())


@register.filter
def file_size(size: int) -> str:
    """A number of bytes in the units in which limits are said, of a thousand each: 18 bytes, 2.5 KB, 20.5 MB. As
    `sizes.js` says it."""
    if size < THOUSAND:
        return f"{size} byte{'' if size == 1 else 's'}"
    in_kilobytes = size / THOUSAND
    if round(in_kilobytes, 1) < THOUSAND:
        return f"{in_kilobytes:.1f}\xa0KB"
    return f"{in_kilobytes / THOUSAND:.1f}\xa0MB"


@register.filter
def language_name(tag: str) -> str:
    """A language by its English name; what is no tag of one as it was written."""
    return languages.name_of(tag)


@register.simple_tag
def avatar(who: Person | Member | AgencyUser | Organization, size: str = "") -> SafeString:
    """The initials of a person or member on a tint of their own, an organization's in a square; `size` is empty, "sm"
    or "lg"."""
    return format_html(
        '<span class="avatar" data-tint="{}" data-size="{}"{} aria-hidden="true">{}</span>',
        (who.pk or 0) % TINTS + 1,
        size,
        SQUARE if isinstance(who, Organization) else "",
        initials(who),
    )


def initials(who: Person | Member | AgencyUser | Organization) -> str:
    """The first letters of the first and last name, in whatever script, or the first letter of the address."""
    if isinstance(who, Person):
        words = [who.first_name, who.last_name]
    else:
        names = who.name.split()
        words = [names[0], names[-1]] if len(names) > 1 else names
    letters = "".join(_first_letter(word) for word in words)
    return letters or _first_letter(getattr(who, "email", "")) or "?"


def _first_letter(word: str) -> str:
    """The first letter with the marks that belong to it: é stays é when it is written as two characters."""
    start = next((at for at, char in enumerate(word) if char.isalnum()), None)
    if start is None:
        return ""
    end = start + 1
    while end < len(word) and unicodedata.category(word[end]).startswith("M"):
        end += 1
    return word[start:end].upper()


@register.simple_tag
def person_name(who: Person | Member | AgencyUser) -> SafeString:
    """A name, kept apart from the words around it whichever way its script runs."""
    name = who.full_name if isinstance(who, Person) else who.name
    return format_html("<bdi>{}</bdi>", name)


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """A time as short as it can be said in the member's zone: 09:42 today, Mon this week, 4 March, 4 March 2025."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return _time(local, short_time(local, timezone.localtime()))


def short_time(local: datetime, now: datetime) -> str:
    """`local` in words, seen from `now`; both in the same zone."""
    days = (now.date() - local.date()).days
    if days == 0:
        return f"{local:%H:%M}"
    if 0 < days < 7:
        return f"{local:%a}"
    if local.year == now.year:
        return f"{local.day} {local:%B}"
    return f"{local.day} {local:%B %Y}"


@register.simple_tag
def clock(moment: datetime, css_class: str = "") -> SafeString:
    """The hour of a time whose day stands elsewhere: 09:42."""
    local = timezone.localtime(moment)
    return _time(local, f"{local:%H:%M}", css_class)


@register.simple_tag
def when_due(moment: datetime) -> SafeString:
    """A time that is or was to come, in full: Fri 13 March, 09:00."""
    local = timezone.localtime(moment)
    year = "" if local.year == timezone.localtime().year else f" {local.year}"
    return _time(local, f"{local:%a} {local.day} {local:%B}{year}, {local:%H:%M}")


@register.simple_tag
def ago(moment: datetime | None) -> SafeString | str:
    """How long ago, in one unit: 4 min ago; "just now" within the first minute."""
    if moment is None:
        return ""
    now = timezone.now()
    words = "just now"
    if now - moment >= timedelta(minutes=1):
        words = f"{timesince(moment, now, depth=1)} ago".replace("minutes", "min").replace("minute", "min")
    return _time(timezone.localtime(moment), words)


def _time(local: datetime, words: str, css_class: str = "") -> SafeString:
    full = f"{local:%A} {local.day} {local:%B %Y, %H:%M}"
    its_class = format_html(' class="{}"', css_class) if css_class else ""
    return format_html('<time{} datetime="{}" title="{}">{}</time>', its_class, local.isoformat(), full, words)


@register.simple_tag
def until(moment: datetime) -> SafeString:
    """A time to come in the member's zone: 17:30 today, tomorrow 08:30, Monday 08:30, 4 March, 08:30."""
    local = timezone.localtime(moment)
    return _time(local, snoozing.in_words(local, timezone.localtime()))


@register.filter
def undo(message: Toast) -> Undo | None:
    """What a toast offers to take back."""
    return undo_of(message)


@register.simple_tag
def stage(value: int) -> SafeString:
    """The pie and the word of a stage."""
    named = Stage(value)
    if named is Stage.NONE:
        return format_html('<span class="muted">{}</span>', named.label)
    return format_html('<span class="stage" data-stage="{}">{}</span>', named.name.lower(), named.label)


@register.simple_tag
def stages() -> list[Stage]:
    """Those at which an application can stand, in their order."""
    return list(STAGES.values())


@register.filter
def first_word(text: str) -> str:
    """What colleagues call somebody: Priya, of Priya Nair."""
    return text.split(maxsplit=1)[0] if text.split() else text


@register.filter
def channel_name(name: str) -> str:
    """A channel, or a way that mail leaves by, as people call it."""
    return label_of(name) if name in CHANNELS or name in OWN else name


@register.filter
def channel_icon(name: str) -> str:
    """The name of a channel's picture."""
    return channel(name).icon


DELIVERY_ICONS = {
    Delivery.State.QUEUED: "clock",
    Delivery.State.SENDING: "send",
    Delivery.State.SENT: "check",
    Delivery.State.DELIVERED: "check-double",
    Delivery.State.READ: "check-double",
    Delivery.State.SUPPRESSED: "x-circle",
    Delivery.State.CANCELLED: "x-circle",
}


@register.inclusion_tag("shell/delivery.html", takes_context=True)
def delivery_state(context: dict[str, Any], delivery: Delivery) -> dict[str, Any]:
    """The line beneath a message that says how far it has come, and why no farther."""
    state = Delivery.State(delivery.state)
    is_bad = state in (Delivery.State.BOUNCED, Delivery.State.FAILED)
    return {
        "delivery": delivery,
        "channel": channel(delivery.channel),
        "look": "bounced" if is_bad else state,
        "icon_name": DELIVERY_ICONS.get(state, "alert"),
        "may_retry": state in Delivery.RETRYABLE and context.get("may_write", False),
    }


@register.inclusion_tag("shell/field.html")
def field(bound: BoundField, **attrs: str) -> dict[str, Any]:
    """A form field with its label, hint and error, as `.field`; keywords become attributes (`_` for `-`)."""
    widget = bound.field.widget
    is_choice = isinstance(widget, CheckboxInput)
    attributes: dict[str, str | bool] = {name.replace("_", "-"): value for name, value in attrs.items()}
    attributes["class"] = "checkbox" if is_choice else "input"
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attributes),
        "is_choice": is_choice,
        "is_select": isinstance(widget, Select),
    }
