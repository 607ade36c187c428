"""A reply is told apart from what it quotes, in the ways and languages mail programs do it; nothing is ever lost."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidly.mail.quotes import SEPARATOR, split

HEADERS = {
    "Gmail, English": "On Mon, 5 May 2026 at 10:00, Hannah Weiss <hannah@acme.test> wrote:",
    "Gmail, English, two lines": "On Mon, 5 May 2026 at 10:00, Hannah Weiss, the recruiter\n<hannah@acme.test> wrote:",
    "Apple Mail, English": "On 5 May 2026, at 10:00, Hannah Weiss <hannah@acme.test> wrote:",
    "Gmail, German": "Am Mo., 5. Mai 2026 um 10:00 Uhr schrieb Hannah Weiss <hannah@acme.test>:",
    "Thunderbird, German": "Am 05.05.26 um 10:00 schrieb Hannah Weiss:",
    "Gmail, French": "Le lun. 5 mai 2026 à 10:00, Hannah Weiss <hannah@acme.test> a écrit :",
    "Gmail, Spanish": "El lun, 5 may 2026 a las 10:00, Hannah Weiss (<hannah@acme.test>) escribió:",
    "Gmail, Portuguese": "Em seg., 5 de mai. de 2026 às 10:00, Hannah Weiss <hannah@acme.test> escreveu:",
    "Gmail, Italian": "Il giorno lun 5 mag 2026 alle ore 10:00 Hannah Weiss <hannah@acme.test> ha scritto:",
    "Gmail, Dutch": "Op ma 5 mei 2026 om 10:00 schreef Hannah Weiss <hannah@acme.test>:",
    "Gmail, Polish": "pon., 5 maj 2026 o 10:00 Hannah Weiss <hannah@acme.test> napisał(a):",
    "Thunderbird, Polish": "W dniu 5.05.2026 o 10:00, Hannah Weiss pisze:",
    "Gmail, Danish": "Den man. 5. maj 2026 kl. 10.00 skrev Hannah Weiss <hannah@acme.test>:",
    "Gmail, Chinese": "Hannah Weiss <hannah@acme.test> 于2026年5月5日周二 10:00写道：",
    "Gmail, Japanese": "2026年5月5日(火) 10:00 Hannah Weiss <hannah@acme.test>:",
    "Outlook, English": "From: Hannah Weiss <hannah@acme.test>\nSent: Monday, May 5, 2026\nTo: Amara\nSubject: Hello",
    "Outlook, bold": "*From:* Hannah Weiss\n*Sent:* Monday\n*To:* Amara\n*Subject:* Hello",
    "Outlook, rule": "________________________________\nFrom: Hannah Weiss\nSent: Monday\nTo: Amara\nSubject: Hello",
    "Outlook, German": "Von: Hannah Weiss\nGesendet: Montag, 5. Mai 2026 10:00\nAn: Amara\nBetreff: Hallo",
    "Outlook, French": "De : Hannah Weiss\nEnvoyé : lundi 5 mai 2026 10:00\nÀ : Amara\nObjet : Bonjour",
    "Outlook, Spanish": "De: Hannah Weiss\nEnviado el: lunes, 5 de mayo de 2026 10:00\nPara: Amara\nAsunto: Hola",
    "Outlook, Polish": "Od: Hannah Weiss\nWysłano: poniedziałek\nDo: Amara\nTemat: Witam",
    "Outlook, Dutch": "Van: Hannah Weiss\nVerzonden: maandag\nAan: Amara\nOnderwerp: Hallo",
    "GMX, German": "Hannah Weiss <hannah@acme.test> hat am 05.05.2026 10:00 CEST geschrieben:",
    "a name and an address": "Hannah Weiss <hannah@acme.test> wrote:",
    "Outlook, old": "-----Original Message-----\nFrom: Hannah Weiss",
    "Outlook, old, German": "-----Ursprüngliche Nachricht-----\nVon: Hannah Weiss",
    "forwarded": "---------- Forwarded message ---------\nFrom: Hannah Weiss",
    "no header": "> Dear Amara,",
}
REPLY = "Yes, Tuesday at 10:00 is fine.\n\nFrom my side: see you then.\n\n-- \nAmara Okafor\n+233 20 000 0000"


@pytest.mark.parametrize("program", HEADERS)
@pytest.mark.parametrize(
    "quote", ["\n\n> Dear Amara,\n> is Tuesday fine?\n>\n> Hannah\n", "\nDear Amara,\nis Tuesday fine?\n"]
)
def test_the_reply_above_a_quote_is_found_with_its_signature(program: str, quote: str) -> None:
    reply, quoted = split(f"{REPLY}\n\n{HEADERS[program]}{quote}")
    assert reply == REPLY
    assert quoted.startswith(HEADERS[program])
    assert "Tuesday fine?" in quoted


@pytest.mark.parametrize("line", [SEPARATOR, f"> {SEPARATOR}", SEPARATOR.replace("--", "—"), f"  {SEPARATOR.upper()}"])
def test_our_own_line_cuts_whatever_surrounds_it(line: str) -> None:
    reply, quoted = split(f"{REPLY}\n\nHannah, 5/5:\n{line}\nDear Amara\n")
    assert reply == f"{REPLY}\n\nHannah, 5/5:"
    assert quoted == f"{line}\nDear Amara"


def test_the_header_above_our_own_line_goes_with_the_quote() -> None:
    reply, quoted = split(f"Yes\n\nOn 5 May 2026, Hannah <h@acme.test> wrote:\n\n> {SEPARATOR}\n>\n> Dear Amara")
    assert (reply, quoted[:8]) == ("Yes", "On 5 May")


@pytest.mark.parametrize(
    "text",
    [
        "On 5 May 2026, Hannah wrote:\n> Is Tuesday fine?\n\nYes, it is.",
        "See below.\n\nOn 5 May 2026, Hannah wrote:\n> Is Tuesday fine?\n\nYes.\n\n> And the salary?\n\nFine too.",
        f"> {SEPARATOR}\n> Is Tuesday fine?\n\nYes, it is.",
        "> only a quote",
        SEPARATOR,
    ],
)
def test_answers_below_or_between_are_kept_with_the_whole_text(text: str) -> None:
    assert split(text) == (text, "")


def test_the_rest_of_a_wrapped_line_is_no_answer() -> None:
    reply, _ = split("Yes.\n\nOn 5 May 2026, Hannah wrote:\n> a long line that was\nwrapped\n> and goes on\n")
    assert reply == "Yes."


@pytest.mark.parametrize(
    "text",
    [
        "I met Hannah on 5 May and she wrote:\nnice words.",
        "Notes: from 5 to 6",
        "From: the heart\nwith love",
        "On Tuesday I am free.\nOn Monday I am not.",
        "a > b",
        "",
        "--",
    ],
)
def test_a_text_without_quote_is_all_reply(text: str) -> None:
    assert split(text) == (text, "")


PIECES = st.sampled_from(
    [
        "> ",
        ">",
        "\n",
        "\n\n",
        "On 5 May ",
        "wrote:",
        "From: x",
        "Sent: y",
        "To: z",
        SEPARATOR,
        "word",
        " ",
        "___________",
        "\r",
    ]
)


@given(text=st.lists(PIECES, max_size=40).map("".join))
def test_every_line_is_in_the_reply_or_in_the_quote(text: str) -> None:
    reply, quoted = split(text)
    written = [line.strip() for line in text.split("\n") if line.strip()]
    assert [line.strip() for line in f"{reply}\n{quoted}".split("\n") if line.strip()] == written
    assert bool(reply) == bool(text.strip())


@pytest.mark.parametrize(
    "unit",
    [
        "\n",
        " ",
        ">",
        "> ",
        "On 1 ",
        "On 1\n",
        "On 1 wrote\n",
        "From:\n",
        "From: Sent: ",
        "a\n",
        "-",
        "_",
        "x\n>y\n\n",
        "5,",
        "<a@",
        SEPARATOR,
        "On 1 a@b <",
        "wrote:",
        "年",
        "*From:*\n",
    ],
)
def test_a_megabyte_of_anything_takes_no_time(unit: str) -> None:
    start = time.process_time()
    split("Hello\n" + unit * (1_000_000 // len(unit)))
    assert time.process_time() - start < 2
