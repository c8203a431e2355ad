"""Forms about the people themselves."""

from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest


class SignInForm(AuthenticationForm):
    """Name and password of a member of staff."""

    error_messages = {
        "invalid_login": "That name and password do not belong together. Capital letters count in both.",
        "inactive": "This account is switched off. Ask your clinic's administrator.",
    }

    def __init__(self, request: HttpRequest | None = None, *args: object, **kwargs: object) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "User name"
        self.fields["username"].error_messages["required"] = "Enter your user name."
        self.fields["password"].error_messages["required"] = "Enter your password."
