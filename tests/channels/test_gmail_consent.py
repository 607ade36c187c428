"""A member lets us into their mailbox at Google, and takes it back."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from candidly.channels.gmail import oauth
from candidly.envelope import PermanentFailure, TemporaryFailure
from tests.peers.faulty_google import TOKEN
from tests.peers.google import CLIENT, Google
from tests.peers.hands import HTTP
from tests.support.ports import free_port


def came_back(google: Google, made: oauth.Secrets, address: str) -> str:
    """The code with which the member comes back."""
    back = google.consent(oauth.authorization_url(google.settings(), made, login_hint=address), address)
    assert back["state"] == made.state
    return back["code"]


def test_the_member_is_sent_to_google_with_all_that_protects_the_way(google: Google) -> None:
    made = oauth.new_secrets()
    url = oauth.authorization_url(google.settings(), made, login_hint="hannah@northlane.example")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (asked["state"], asked["nonce"], asked["code_challenge_method"]) == (made.state, made.nonce, "S256")
    assert (asked["access_type"], asked["login_hint"]) == ("offline", "hannah@northlane.example")
    assert made.verifier not in url
    assert "modify" not in asked["scope"]
    assert "https://mail.google.com" not in asked["scope"]


def test_no_two_attempts_share_a_secret() -> None:
    first, second = oauth.new_secrets(), oauth.new_secrets()
    assert len({first.state, first.nonce, first.verifier, second.state, second.nonce, second.verifier}) == 6
    assert first.verifier not in repr(first)


def test_consent_gives_the_address_what_was_granted_and_lasting_access(google: Google) -> None:
    address, made = google.new_address(), oauth.new_secrets()
    consent = oauth.exchange(google.settings(), came_back(google, made, address), made)
    assert consent.address == address
    assert consent.missing == ()
    assert consent.credentials["refresh_token"]
    assert consent.credentials["refresh_token"] not in repr(consent)


def test_what_the_member_unticked_is_said_in_words(google: Google) -> None:
    address, made = google.new_address(), oauth.new_secrets()
    url = oauth.authorization_url(google.settings(), made).replace("gmail.send", "gmail.unticked")
    consent = oauth.exchange(google.settings(), google.consent(url, address)["code"], made)
    assert consent.missing == ("send mail as you",)


def test_a_code_is_good_once(google: Google) -> None:
    made = oauth.new_secrets()
    code = came_back(google, made, google.new_address())
    oauth.exchange(google.settings(), code, made)
    with pytest.raises(PermanentFailure, match=r"too old\. Connect again\."):
        oauth.exchange(google.settings(), code, made)


def test_a_code_is_good_for_who_asked_for_it_alone(google: Google) -> None:
    made = oauth.new_secrets()
    code = came_back(google, made, google.new_address())
    with pytest.raises(PermanentFailure, match=r"Connect again\."):
        oauth.exchange(google.settings(), code, replace(made, verifier=oauth.new_secrets().verifier))


def test_an_identity_of_another_attempt_is_refused(google: Google) -> None:
    made = oauth.new_secrets()
    code = came_back(google, made, google.new_address())
    with pytest.raises(PermanentFailure, match="could not be verified"):
        oauth.exchange(google.settings(), code, replace(made, nonce="another"))


def test_an_identity_by_somebody_else_is_refused(google: Google) -> None:
    made = oauth.new_secrets()
    code = came_back(google, made, google.new_address())
    with pytest.raises(PermanentFailure, match="could not be verified"):
        oauth.exchange(google.settings(issuer="https://accounts.google.example"), code, made)


def test_an_identity_that_other_keys_signed_is_refused(google: Google) -> None:
    made = oauth.new_secrets()
    code = came_back(google, made, google.new_address())
    google.door.fault(r"GET .*/certs", 200, body={"keys": []})
    with pytest.raises(PermanentFailure, match="could not be verified"):
        oauth.exchange(google.settings(), code, made)


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_identity_is_refused(google: Google, token: str) -> None:
    keys = {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "", "alg": "HS256"}]}
    with pytest.raises(PermanentFailure):
        oauth.verified(token, keys, audience=CLIENT, issuer=google.url)


def test_access_that_does_not_last_is_refused_with_what_to_do(google: Google) -> None:
    address, made = google.new_address(), oauth.new_secrets()
    google.door.fault(TOKEN, 200, body={"access_token": "a", "id_token": _identity_token(google, made, address)})
    with pytest.raises(PermanentFailure, match="no lasting access"):
        oauth.exchange(google.settings(), "a code", made)


def _identity_token(google: Google, made: oauth.Secrets, address: str) -> str:
    asked = {"code": came_back(google, made, address), "code_verifier": made.verifier}
    ours = {"client_id": CLIENT, "client_secret": google.settings().client_secret, "grant_type": "authorization_code"}
    return str(HTTP.post(f"{google.url}/oauth2/token", data=asked | ours).json()["id_token"])


def test_a_wrong_client_secret_names_the_setting(google: Google) -> None:
    made = oauth.new_secrets()
    code = came_back(google, made, google.new_address())
    with pytest.raises(TemporaryFailure, match="CANDIDLY_GOOGLE_CLIENT_SECRET"):
        oauth.exchange(google.settings(client_secret="wrong"), code, made)


def test_google_that_does_not_answer_is_told_from_google_that_refuses(google: Google) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/token"
    with pytest.raises(TemporaryFailure, match="does not answer"):
        oauth.exchange(google.settings(token_url=nowhere), "a code", oauth.new_secrets())
    google.door.fault(TOKEN, 503)
    with pytest.raises(TemporaryFailure):
        oauth.exchange(google.settings(), "a code", oauth.new_secrets())


def test_giving_back_that_google_did_not_hear_is_said(google: Google) -> None:
    google.door.fault(r"POST .*/revoke", 503)
    with pytest.raises(TemporaryFailure):
        oauth.revoke(google.settings(), {"refresh_token": "a token"})
