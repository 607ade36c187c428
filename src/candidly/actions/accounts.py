"""What every new account must be like, whoever it is for."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from candidly.actions.errors import Refused
from candidly.mail import addresses
from candidly.models import User


def check_free(email: str) -> None:
    """Raises Refused for what is no address, and for one that has an account."""
    if problem := addresses.problem(email):
        raise Refused(problem, field="email")
    if User.objects.filter(email__iexact=email).exists():
        raise Refused(
            "An account with this e-mail address exists already. Use another address.",
            field="email",
        )


def check_password(password: str, user: User) -> None:
    """Raises Refused for one that is too easy, for this user above all."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from error
