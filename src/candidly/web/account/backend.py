"""Who is signed in."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from candidly.models import User


class WithMember(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """allauth's backend, which finds with an account the member that it is: every page asks for both."""

    def get_user(self, user_id: Any) -> User | None:
        """The account of this id, if it may sign in."""
        user = User.objects.select_related("member__organization__plan").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
