"""The bulk composer and the pages of a mailing, through a browser without scripts."""

import json
import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from candidly.actions import conversations, fan_out, mailings, people, templates
from candidly.actions.attachments import keep
from candidly.models import Delivery, Mailing, MailingRecipient, Member, Opening, Organization, Pace, Person
from tests.support import own_fields

HTMX = {"HX-Request": "true"}
type SignIn = Callable[[Member], Client]


@pytest.fixture
def browser(client_of: SignIn, hannah: Member) -> Client:
    return client_of(hannah)


@pytest.fixture
def nameless(northlane: Organization, icu: Opening) -> Person:
    """A candidate of whom there is an address and nothing else."""
    return people.add_candidate(northlane, private_email="unknown@mail.example", opening=icu)


@pytest.fixture
def unreachable(northlane: Organization, icu: Opening) -> Person:
    return people.add_candidate(northlane, first_name="Noor", last_name="Dhillon", opening=icu)


def page(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def everybody(**fields: Any) -> dict[str, Any]:
    """The form for all candidates that one may write to."""
    form = {"audience": json.dumps({"filter": {}}), "subject": "Hello {{first_name}}", "body": "Dear {{first_name}},"}
    return {**form, "channels": ["email"], "send_key": "a-key", **fields}


def only(*chosen: Person, **fields: Any) -> dict[str, Any]:
    return everybody(audience=json.dumps({"ids": [person.pk for person in chosen]}), **fields)


def post(browser: Client, path: str, data: dict[str, Any]) -> HttpResponse:
    return browser.post(path, data, headers=HTMX)  # type: ignore[return-value]


# ── The drawer


def test_the_drawer_says_who_gets_it(browser: Client, amara: Person, kwame: Person) -> None:
    response = browser.get("/mailings/compose/", {"all": "1"}, headers=HTMX)
    assert "To 2 candidates" in page(response)
    assert "Each sees only their own copy" in page(response)
    assert "<html" not in page(response)


def test_ticked_candidates_are_the_audience(browser: Client, amara: Person, kwame: Person) -> None:
    response = browser.get("/mailings/compose/", {"id": [amara.pk]}, headers=HTMX)
    assert "To 1 candidate<" in page(response)
    assert f'{{"ids": [{amara.pk}]}}' in page(response)


def test_without_scripts_the_composer_is_a_page(browser: Client, amara: Person) -> None:
    assert "<html" in page(browser.get("/mailings/compose/", {"all": "1"}))


def test_a_hiring_manager_writes_to_their_own_candidates_only(
    client_of: SignIn, marcus: Member, amara: Person, kwame: Person
) -> None:
    response = client_of(marcus).get("/mailings/compose/", {"id": [amara.pk, kwame.pk]}, headers=HTMX)
    assert "To 1 candidate<" in page(response)


def test_a_reader_is_told_why_they_may_not(client_of: SignIn, ruth: Member, amara: Person) -> None:
    reader = client_of(ruth)
    for response in (reader.get("/mailings/compose/", {"all": "1"}), reader.post("/mailings/", everybody())):
        assert response.status_code == 403
        assert "Your role is read-only" in page(response)
    assert not Mailing.objects.exists()


def test_people_of_another_organization_are_in_no_audience(client_of: SignIn, omar: Member, amara: Person) -> None:
    response = client_of(omar).get("/mailings/compose/", {"id": [amara.pk]}, headers=HTMX)
    assert "To 0 candidates" in page(response)


def test_a_template_brings_its_text(browser: Client, hannah: Member) -> None:
    template = templates.save(
        hannah, None, templates.Content(name="Visit", subject="Come by", body="Dear {{first_name}}")
    )
    response = browser.post("/mailings/compose/text/", {"template": template.pk}, headers=HTMX)
    assert 'value="Come by"' in page(response)
    assert "Dear {{first_name}}</textarea>" in page(response)


# ── Preview and pre-flight


def test_the_preview_is_what_the_person_gets(browser: Client, amara: Person, kwame: Person) -> None:
    form = everybody(subject="About {{opening_name}}", body="Dear {{first_name}},\n\nsee <you>.\n{{sender_name}}")
    shown = browser.post("/mailings/preview/", form, headers=HTMX).content.decode()
    assert "About Staff Nurse, ICU" in shown
    assert "<p>Dear Amara,</p>" in shown
    assert "<p>see &lt;you&gt;.<br>Hannah Whitlock</p>" in shown
    assert "1 of 2" in shown


def test_the_preview_goes_through_the_recipients(browser: Client, amara: Person, kwame: Person) -> None:
    after_amara = post(browser, "/mailings/preview/", everybody(person=amara.pk, go="next"))
    assert "Dear Kwame" in page(after_amara)
    assert "2 of 2" in page(after_amara)
    beyond = post(browser, "/mailings/preview/", everybody(person=kwame.pk, go="next"))
    assert "Dear Kwame" in page(beyond)
    back = post(browser, "/mailings/preview/", everybody(person=kwame.pk, go="previous"))
    assert "Dear Amara" in page(back)


def test_the_pre_flight_counts_each_person_once(
    browser: Client, amara: Person, nameless: Person, unreachable: Person
) -> None:
    shown = page(post(browser, "/mailings/preview/", everybody()))
    assert "<b>1</b> of 3 will get it." in shown
    assert "1 has no e-mail address and will be left out." in shown
    assert "1 has an empty field." in shown
    assert "<b>2</b> of 3 will get it." in page(post(browser, "/mailings/preview/", everybody(out_empty="send")))
    assert "empty field" not in page(post(browser, "/mailings/preview/", everybody(subject="Hi", body="Hi")))


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("{{first_name}}", 1),
        ("{{full_name}}", 1),
        ("{{first_name|there}}", 0),
        ("{{opening_name}} {{opening_location}}", 1),
        ("{{agency}}", 2),
        ("{{sender_name}}", 0),
        ("{{sender_signature}}", 2),
        ("{{custom.shift}}", 1),
        ("{{first_name}} {{custom.shift}}", 1),
    ],
)
def test_every_field_that_can_be_empty_is_counted_as_the_sending_would_skip_it(
    browser: Client, northlane: Organization, amara: Person, text: str, empty: int
) -> None:
    people.add_candidate(northlane, private_email="unknown@mail.example")
    own_fields.have(amara, shift="Nights")
    form = everybody(subject="Hi", body=f"Hi {text}")
    assert f"<b>{2 - empty}</b> of 2 will get it." in page(post(browser, "/mailings/preview/", form))
    browser.post("/mailings/", form)
    fan_out.fan_out(Mailing.objects.get())
    assert MailingRecipient.objects.filter(state=MailingRecipient.State.SKIPPED).count() == empty


def test_an_empty_field_is_marked_and_the_reason_said(browser: Client, nameless: Person, unreachable: Person) -> None:
    first = post(browser, "/mailings/preview/", everybody())
    assert '<span class="merge-field" data-empty' in page(first)
    assert "Will be skipped: No value for first_name." in page(first)
    second = post(browser, "/mailings/preview/", everybody(person=nameless.pk, go="next"))
    assert "Will be skipped: No e-mail address." in page(second)


def test_the_pre_flight_lists_who_is_left_out_and_why(
    browser: Client, amara: Person, nameless: Person, unreachable: Person
) -> None:
    shown = page(post(browser, "/mailings/people/", everybody(only="left_out")))
    assert "Noor Dhillon" in shown
    assert "No e-mail address" in shown
    assert "unknown@mail.example" in shown
    assert "No value for first_name." in shown
    assert "Amara" not in shown
    assert "Amara" in page(post(browser, "/mailings/people/", everybody()))


def test_recipients_are_listed_twenty_at_a_time(browser: Client, northlane: Organization, hannah: Member) -> None:
    crowd = [
        people.add_candidate(northlane, first_name=f"Person{n:02}", private_email=f"p{n}@mail.example")
        for n in range(25)
    ]
    first = page(post(browser, "/mailings/people/", everybody()))
    assert "Person19" in first
    assert "Person20" not in first
    second = page(post(browser, "/mailings/people/", everybody(after=crowd[19].pk)))
    assert "Person19" not in second
    assert "Person20" in second
    back = page(post(browser, "/mailings/people/", everybody(before=crowd[20].pk)))
    assert "Person00" in back
    assert "Person19" in back


def test_the_number_of_queries_does_not_grow_with_the_recipients(
    browser: Client, northlane: Organization, icu: Opening, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        people.add_candidate(northlane, first_name=f"P{number}", private_email=f"p{number}@mail.example", opening=icu)
    form = everybody(body="{{first_name}} {{opening_name}} {{custom.shift|x}}")
    for path in ("/mailings/people/", "/mailings/preview/"):
        with django_assert_max_num_queries(12):
            assert post(browser, path, form).status_code == 200


def test_an_unknown_field_is_told_at_once(browser: Client, amara: Person) -> None:
    shown = page(post(browser, "/mailings/preview/", everybody(body="Dear {{frist_name}}")))
    assert "Unknown field {{frist_name}}. Did you mean {{first_name}}?" in shown
    assert '<span class="merge-field" aria-invalid="true">{{frist_name}}</span>' in shown


def test_an_html_preview_is_safe_and_shown_in_a_sandbox(browser: Client, amara: Person) -> None:
    body = "<p>Dear {{first_name}}</p><script>alert(1)</script><a href='https://a.example/{{last_name}}'>Here</a>"
    shown = page(post(browser, "/mailings/preview/", everybody(body=body, is_html="True")))
    assert "Dear Amara</p>" in shown
    assert "https://a.example/Okafor" in shown
    assert "alert(1)" not in shown
    assert re.search(r"<iframe[^>]* sandbox[ >]", shown)
    document = browser.post("/mailings/preview/frame/", {"html": "<p style='color:red'>Hi</p>"})
    policy = document.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


# ── Sending


def test_sending_confirms_and_hands_over(browser: Client, hannah: Member, amara: Person, kwame: Person) -> None:
    response = post(browser, "/mailings/", everybody())
    assert "Sending to 2 candidates. We e-mail you when all are sent." in page(response)
    mailing = Mailing.objects.get()
    assert json.loads(response.headers["HX-Trigger"])["mailing-sent"] == {"id": mailing.pk}
    assert (mailing.sender, mailing.total, "empty" in mailing.left_out) == (hannah, 2, True)


def test_a_double_click_sends_once(browser: Client, amara: Person) -> None:
    first, second = (post(browser, "/mailings/", everybody()) for _ in range(2))
    assert first.content == second.content
    assert Mailing.objects.count() == 1


def test_sending_all_the_same_reaches_those_with_an_empty_field(browser: Client, nameless: Person) -> None:
    post(browser, "/mailings/", everybody(out_empty="send"))
    assert "empty" not in Mailing.objects.get().left_out


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"subject": " "}, "Write a subject first."),
        ({"body": ""}, "Write a message first."),
        ({"body": "{{frist_name}}"}, "Unknown field {{frist_name}}. Did you mean {{first_name}}?"),
        ({"audience": '{"ids": []}'}, "Nobody is selected any more."),
        ({"audience": "nonsense"}, "Enter a valid JSON."),
        ({"audience": '{"sql": "x"}'}, "The selection was lost."),
        ({"attachments": "999999"}, "A file is no longer there."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    browser: Client, amara: Person, fields: dict[str, Any], sentence: str
) -> None:
    form = everybody(**{"body": "My long message", **fields})
    for headers in (HTMX, {}):
        response = browser.post("/mailings/", form, headers=headers)
        assert response.status_code == 422
        assert sentence in page(response)
        assert form["body"] in page(response)
    assert not Mailing.objects.exists()


def test_html_is_kept_safe(browser: Client, amara: Person) -> None:
    post(browser, "/mailings/", everybody(body="<p onclick='x()'>{{first_name}}</p><script>x</script>", is_html="True"))
    assert Mailing.objects.get().body == "<p>{{first_name}}</p>"


def test_files_go_with_it_but_never_somebody_elses(
    browser: Client, hannah: Member, priya: Member, amara: Person
) -> None:
    own, hers = (keep(member, "map.pdf", "application/pdf", BytesIO(b"%PDF")) for member in (hannah, priya))
    assert browser.post("/mailings/", everybody(attachments=hers.pk)).status_code == 422
    post(browser, "/mailings/", everybody(attachments=own.pk))
    assert [file.pk for file in Mailing.objects.get().attachments.all()] == [own.pk]


def test_who_was_written_to_lately_is_shown_with_who_wrote(
    browser: Client, priya: Member, amara: Person, kwame: Person
) -> None:
    conversations.start(priya, amara, subject="Your visit", text="Hello")
    assert "1 has a message in the last 7 days" in page(post(browser, "/mailings/preview/", everybody()))
    shown = page(post(browser, "/mailings/people/", everybody(only="recent")))
    assert re.search(r"amara@mail.example · Priya Nair wrote <time", shown)
    assert "kwame@mail.example" not in shown


# ── The list and the page of a mailing


@pytest.fixture
def mailing(hannah: Member, amara: Person, kwame: Person, unreachable: Person) -> Mailing:
    """To three: one to be sent, one that failed, one without an address."""
    sent = mailings.send(
        hannah,
        mailings.Order(
            subject="Hello {{first_name}}", body="Dear {{first_name}}", is_html=False, audience={"filter": {}}
        ),
    )
    fan_out.fan_out(sent)
    ours = Delivery.objects.filter(mailing=sent)
    ours.filter(address=kwame.email).update(state=Delivery.State.FAILED, reason="The mailbox is full.")
    return sent


def test_the_list_shows_how_far_each_has_come(browser: Client, mailing: Mailing) -> None:
    Delivery.objects.filter(mailing=mailing, state="queued").update(state="sent", sent_at=timezone.now())
    shown = page(browser.get("/mailings/"))
    assert "Hello {{first_name}}" in shown
    assert "1 of 3 sent, 1 failed" in shown


def test_the_list_has_an_empty_state(browser: Client) -> None:
    assert "No mailings yet" in page(browser.get("/mailings/"))


def test_the_number_of_queries_does_not_grow_with_the_list(
    browser: Client, mailing: Mailing, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        mailings.send(
            mailing.sender, mailings.Order(subject=f"Again {number}", body="x", is_html=False, audience={"filter": {}})
        )
    with django_assert_max_num_queries(12):
        assert "Again 4" in page(browser.get("/mailings/"))


def test_the_page_says_everything_about_it(browser: Client, mailing: Mailing, amara: Person) -> None:
    shown = page(browser.get(f"/mailings/{mailing.pk}/"))
    assert "0 of 3 sent" in shown
    assert "1: The mailbox is full." in shown
    assert "Dear {{first_name}}" in shown
    assert f"/conversations/{amara.conversations.get().pk}/" in shown
    assert "Retry failed" in shown
    assert "Pause" in shown


def test_failed_and_skipped_are_listed_with_their_reasons(browser: Client, mailing: Mailing) -> None:
    failed = page(browser.get(f"/mailings/{mailing.pk}/", {"show": "failed"}))
    assert "kwame@mail.example" in failed
    assert "amara@mail.example" not in failed
    skipped = page(browser.get(f"/mailings/{mailing.pk}/", {"show": "skipped"}))
    assert "Noor Dhillon" in skipped
    assert "No e-mail address." in skipped


def test_pausing_resuming_and_cancelling(browser: Client, mailing: Mailing) -> None:
    address = f"/mailings/{mailing.pk}"
    for send, path, state in (
        (browser.post, "/pause/", "paused"),
        (browser.delete, "/pause/", "sending"),
        (browser.post, "/cancel/", "cancelled"),
    ):
        assert send(address + path, headers=HTMX).headers["HX-Refresh"] == "true"
        mailing.refresh_from_db()
        assert mailing.state == state
    assert "What was already sent stays sent." in page(browser.get(f"{address}/"))


def test_retrying_takes_the_failed_ones_only(browser: Client, mailing: Mailing, kwame: Person) -> None:
    Delivery.objects.filter(mailing=mailing, state="queued").update(state="sent", sent_at=timezone.now())
    browser.post(f"/mailings/{mailing.pk}/retry/")
    assert [delivery.address for delivery in mailing.deliveries.filter(state="queued")] == [kwame.email]


def test_the_figures_alone_and_a_reload_when_the_state_changed(browser: Client, mailing: Mailing) -> None:
    path = f"/mailings/{mailing.pk}/progress/"
    same = browser.get(path, {"state": "sending", "step": "60"}, headers=HTMX)
    assert "every 5s" in page(same)
    assert "announcement" not in page(same)
    assert "1 not yet sent will be cancelled; 0 already sent stay." in page(same)
    assert "announcement" in page(browser.get(path, {"state": "sending", "step": "50"}, headers=HTMX))
    mailings.pause(mailing)
    assert browser.get(path, {"state": "sending"}, headers=HTMX).headers["HX-Refresh"] == "true"


def test_its_page_says_when_others_have_used_up_the_pace(
    browser: Client, mailing: Mailing, northlane: Organization
) -> None:
    path = f"/mailings/{mailing.pk}/"
    assert "Other mailings use" not in page(browser.get(path))
    Organization.objects.filter(pk=northlane.pk).update(per_minute=1)
    key = f"sender:{mailing.sender_id}"
    Pace.objects.create(organization=northlane, key=key, since=timezone.now(), claimed=1)
    Mailing.objects.update(claimed=0)
    assert "Other mailings use the 1 bulk mail a minute that the organization allows one sender" in page(
        browser.get(path)
    )


def test_nobody_else_can_reach_it(
    client_of: SignIn, omar: Member, marcus: Member, ruth: Member, mailing: Mailing
) -> None:
    for stranger in (omar, marcus):
        browser = client_of(stranger)
        assert browser.get(f"/mailings/{mailing.pk}/").status_code == 404
        assert browser.post(f"/mailings/{mailing.pk}/cancel/").status_code == 404
    reader = client_of(ruth)
    assert "Cancel mailing" not in page(reader.get(f"/mailings/{mailing.pk}/"))
    assert reader.post(f"/mailings/{mailing.pk}/pause/").status_code == 403
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENDING


def test_what_was_begun_to_many_is_there_again_until_it_is_sent(
    client_of: SignIn, hannah: Member, amara: Person
) -> None:
    client = client_of(hannah)
    client.post("/drafts/", {"subject": "Ward visit", "body": "Dear {{first_name}}", "is_html": "False"})
    shown = client_of(hannah).get(f"/mailings/compose/?id={amara.pk}").content.decode()
    assert 'value="Ward visit"' in shown
    assert "Dear {{first_name}}</textarea>" in shown
    form = {"audience": json.dumps({"ids": [amara.pk]}), "subject": "Ward visit", "body": "Hello", "send_key": "k1"}
    form["channels"] = "email"
    client.post("/mailings/", form)
    assert Mailing.objects.exists()
    assert "Ward visit" not in client.get(f"/mailings/compose/?id={amara.pk}").content.decode()
