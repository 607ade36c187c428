"""An address is judged before it is mailed, and the reason is one that a recruiter understands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candidly.envelope import PermanentFailure
from candidly.mail.addresses import domain_of, normalise, problem, to_ascii

GOOD = [
    "amara@example.org",
    "Amara.Okafor+jobs@mail.example.co.uk",
    "o'neill@example.org",
    "x@xn--bcher-kva.example",
    "amara@bücher.example",
    "amara@例え.jp",
    "a_b-c=d@sub_domain.example.org",
    "r.mfrggzdfmztwq2lk@reply.acme.test",
]
BAD = {
    "": "no e-mail address",
    "   ": "no e-mail address",
    "amara": "no @",
    "@example.org": "nothing before the @",
    "amara@": "nothing after the @",
    "amara okafor@example.org": "space",
    "amara@example.org ": "space",
    "amara@example.org\n": "space",
    "amára@example.org": "letters before the @",
    "amara@localhost": "no dot",
    "amara@-example.org": "not a domain name",
    "amara@exa mple.org": "space",
    "amara@example..org": "not a domain name",
    "amara@[127.0.0.1]": "not a domain name",
    "amara@exam\u200bple.org,b@x.org": "before the @",
    "a..b@example.org": "dot too many",
    ".a@example.org": "dot too many",
    "a.@example.org": "dot too many",
    "a@b@example.org": "not allowed",
    "Amara<amara@example.org>": "not allowed",
    "a(b)@example.org": "not allowed",
    "a" * 65 + "@example.org": "too long",
    "a@" + "b" * 64 + ".org": "not a domain name",
    "a@" + "ü" * 70 + ".org": "not a domain name",
    "a" * 60 + "@" + ".".join(["b" * 60] * 4): "too long",
}


@pytest.mark.parametrize("email", GOOD)
def test_addresses_that_can_be_mailed_have_no_problem(email: str) -> None:
    assert problem(email) == ""
    assert to_ascii(email).isascii()


@pytest.mark.parametrize("email", BAD)
def test_addresses_that_cannot_be_mailed_say_why_and_what_to_do(email: str) -> None:
    assert BAD[email] in problem(email)
    assert problem(email).endswith(".")
    with pytest.raises(PermanentFailure):
        to_ascii(email)


def test_addresses_are_compared_without_case_and_in_one_form_of_the_domain() -> None:
    assert normalise(" Amara.Okafor@EXAMPLE.org ") == "amara.okafor@example.org"
    assert normalise("amara@BÜCHER.example") == normalise("amara@xn--bcher-kva.example")
    assert normalise("Not an address") == "not an address"


def test_the_domain_is_what_follows_the_last_at() -> None:
    assert domain_of("a@b@Example.ORG") == "example.org"
    assert domain_of("amara@bücher.example") == "xn--bcher-kva.example"
    assert domain_of("amara") == ""
    assert domain_of("amara@..") == ".."


@given(text=st.text(max_size=80))
def test_any_text_is_judged_without_failing(text: str) -> None:
    normalise(text)
    domain_of(text)
    if not problem(text):
        assert to_ascii(text).isascii()
        assert not problem(to_ascii(text))


@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20))
def test_a_domain_of_any_letters_is_judged_without_failing(name: str) -> None:
    assert isinstance(problem(f"amara@{name}.example"), str)
