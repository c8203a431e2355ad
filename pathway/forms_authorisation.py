"""The form of a prior authorisation."""

from django import forms

from pathway.forms import DescribedForm
from pathway.models import PriorAuthorisation
from pathway.models.journey import choices
from pathway.states import AUTHORISATION, AuthorisationState


class AuthorisationForm(DescribedForm):
    """How the insurer stands to the procedure. Offers the states that may follow the one it is in, and that one."""

    ids = "authorisation_%s"
    state = forms.ChoiceField(label="How does it stand?", error_messages={"required": "Choose how it stands."})
    number = forms.CharField(label="Number of the approval", required=False, max_length=40)
    expires_date = forms.DateField(
        label="Valid until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a day such as 2027-03-14."},
    )
    note = forms.CharField(label="What did the insurer say?", required=False, max_length=200)

    def __init__(self, *args: object, row: PriorAuthorisation | None, **kwargs: object) -> None:
        known: dict[str, object] = {}
        if row is not None:
            known = {
                "state": row.state, "number": row.number, "expires_date": row.expires_date, "note": row.note,
            }  # fmt: skip
        super().__init__(*args, initial=known, **kwargs)
        now = AuthorisationState(row.state) if row is not None else AuthorisationState.DRAFT
        may_follow = [one for one in AuthorisationState if one is now or one in AUTHORISATION[now]]
        self.fields["state"].choices = choices(may_follow)  # type: ignore[attr-defined]

    def stands(self) -> AuthorisationState:
        return AuthorisationState(self.cleaned_data["state"])
