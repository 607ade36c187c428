"""How accounts are opened, and where the links in their mail lead."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from candidly.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "E-mail or password is not right.",
        "too_many_login_attempts": "Too many tries with this address. Wait five minutes, or reset your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody opens an account by themselves: a super admin invites."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the configured address, whatever host name the request came with."""
        return _reset_page(key)

    def format_email_subject(self, subject: str) -> str:
        return subject


def set_password_link(user: User) -> str:
    """The page where this account chooses a password; good for PASSWORD_RESET_TIMEOUT seconds, and once."""
    return _reset_page(f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}")


def _reset_page(key: str) -> str:
    uid, _, token = key.partition("-")
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
    return f"{settings.CONFIG.base_url}{path}"
