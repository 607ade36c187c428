"""Campaigns: 100,000 people taken in, and an e-mail generated for each of them until all rows are queued."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from django.db import connection
from django.test import Client
from django.urls import reverse

from bench import cast, meter
from bench.figures import Figure
from candidly.actions import campaigns, fan_out, mailings
from candidly.models import Campaign, CampaignMember, Delivery, Mailing, Member

PART = "Campaigns"
BODY = "<p>Dear {{first_name}},</p><p><a href='{{accept_link}}'>I will come</a></p><p>{{sender_name}}</p>"


def measure(*, quick: bool) -> Iterator[Figure]:
    """By the very calls of the page and of the worker, in this process."""
    number = 10_000 if quick else 100_000
    member = cast.recruiter()
    cast.add_candidates(member, number)
    campaign = campaigns.create(member, name="Spring ward visits")
    yield _figure("Members taken in", "s", _take_in(member, campaign, number))
    yield _figure("Taken in once more", "s", _take_in(member, campaign, number))
    before = meter.use_of([os.getpid()])
    generated = _figure("Generate, until all are queued", "s", _generate(member, campaign, number))
    used = meter.use_of([os.getpid()]) - before
    yield replace(generated, cpu=used.ours * 1000 / number, database_cpu=used.database * 1000 / number)
    yield _figure("Page of the campaign", "ms", _look(member, campaign))


def _take_in(member: Member, campaign: Campaign, number: int) -> float:
    began = time.perf_counter()
    campaigns.add(member, campaign, {"filter": {}}, "candidate")
    while campaigns.take_in():
        pass
    seconds = time.perf_counter() - began
    if CampaignMember.objects.filter(campaign=campaign).count() != number:
        raise SystemExit("Not everybody is in the campaign.")
    return seconds


def _generate(member: Member, campaign: Campaign, number: int) -> float:
    began = time.perf_counter()
    order = mailings.Order(
        subject="Come and see, {{first_name}}",
        body=BODY,
        is_html=True,
        audience={"campaign": campaign.pk},
        campaign=campaign,
    )
    mailing = mailings.send(member, order)
    with ThreadPoolExecutor() as writers:
        list(writers.map(_write, [mailing] * fan_out.side_by_side()))
    seconds = time.perf_counter() - began
    if mailing.deliveries.filter(state=Delivery.State.QUEUED).count() != number:
        raise SystemExit("Not all of them are queued.")
    return seconds


def _write(mailing: Mailing) -> None:
    while fan_out.fan_out(mailing):
        pass
    connection.close()


def _look(member: Member, campaign: Campaign) -> float:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(member.user)
    if client.get(reverse("campaign", args=[campaign.pk])).status_code != 200:
        raise SystemExit("The page of the campaign cannot be shown.")
    began = time.perf_counter()
    client.get(reverse("campaign", args=[campaign.pk]))
    return (time.perf_counter() - began) * 1000


def _figure(name: str, unit: str, value: float) -> Figure:
    return Figure(PART, connection.vendor, name, value, unit, memory=meter.highest_memory([os.getpid()]))
