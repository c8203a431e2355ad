"""Forms about medicines and their holds. Lengths are typed as a number of days or hours, never as a code."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms

from pathway.actions.holds import LONGEST, dangers
from pathway.forms import DescribedForm, WhenForm
from pathway.holds.names import match
from pathway.holds.shipped import hold_table
from pathway.models import MedicationHold
from pathway.planner import parse_duration
from patients.actions.keep_medicines import PLAUSIBLE, ToldMedicine
from patients.models import LAB_UNITS, LabKind, Medication

ASKED = [("", "Nobody asked yet"), ("yes", "Yes"), ("no", "No")]
UNITS = [("D", "days"), ("H", "hours")]


def variants() -> list[tuple[str, str]]:
    """What decides between two rows of one medicine, each with its words."""
    found = {row.variant: f"{row.name}: {row.variant_says}" for row in hold_table().rows if row.variant}
    return [("", "Nothing to decide, or not known yet"), *found.items()]


class MedicineForm(DescribedForm):
    """One medicine on the patient's list, with the facts that decide about its hold."""

    ids = "medicine_%s"
    name = forms.CharField(label="Medicine", max_length=80, error_messages={"required": "Enter the name."})
    rxcui = forms.CharField(label="RxCUI, if known", max_length=12, required=False)
    dose = forms.CharField(label="Dose", max_length=80, required=False)
    schedule = forms.CharField(label="How often", max_length=80, required=False)
    indication = forms.CharField(label="Taken for", max_length=120, required=False)
    variant = forms.ChoiceField(label="How it is taken", required=False)
    has_stent = forms.ChoiceField(label="Is there a stent?", choices=ASKED, required=False)
    has_risk_flag = forms.ChoiceField(label="Any of its risk flags?", choices=ASKED, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["variant"].choices = variants()  # type: ignore[attr-defined]

    def clean_rxcui(self) -> str:
        code = str(self.cleaned_data["rxcui"]).strip()
        if code and not (code.isascii() and code.isdecimal()):
            raise forms.ValidationError("A RxCUI is digits only, such as 1364430. Leave it empty if it is not known.")
        return code

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        variant, name = cleaned.get("variant"), cleaned.get("name")
        if variant and name:
            rows = match(hold_table(), name=str(name), rxcui=str(cleaned.get("rxcui") or "")).rows
            if variant not in {row.variant for row in rows}:
                ways = ", ".join(row.variant_says for row in rows if row.variant)
                told = f"Choose one of: {ways}." if ways else "Nothing has to be decided about this medicine."
                self.add_error("variant", told)
        return cleaned

    def told(self) -> ToldMedicine:
        """What the valid form says."""
        data = self.cleaned_data
        known = {"yes": True, "no": False}
        return ToldMedicine(
            name=data["name"], rxcui=data["rxcui"], dose=data["dose"], schedule=data["schedule"],
            indication=data["indication"], variant=data["variant"], has_stent=known.get(data["has_stent"]),
            has_risk_flag=known.get(data["has_risk_flag"]),
        )  # fmt: skip


class ResultForm(WhenForm):
    """A result that decides about a medicine."""

    ids = "result_%s"
    kind = forms.ChoiceField(label="Result", choices=LabKind.choices)
    value = forms.DecimalField(
        label="Value", max_digits=6, decimal_places=2,
        error_messages={"required": "Enter the value.", "invalid": "Enter a number such as 1.1."},
    )  # fmt: skip
    unit = forms.ChoiceField(label="Unit", choices=[(unit, unit) for unit in LAB_UNITS.values()])
    field_order = ["kind", "value", "unit", "day", "clock"]

    def wrong_moment(self, at: datetime) -> str:
        return "This moment is still to come. Enter when the sample was taken." if at > self.now else ""

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        if cleaned.get("kind"):
            kind = LabKind(str(cleaned["kind"]))
            if "unit" in cleaned and cleaned["unit"] != LAB_UNITS[kind]:
                self.add_error("unit", f"{kind.label} is kept in {LAB_UNITS[kind]}: enter it in that unit.")
            lowest, highest = PLAUSIBLE[kind]
            value: Any = cleaned.get("value")
            if value is not None and not lowest <= value <= highest:
                self.add_error("value", f"{kind.label} is between {lowest} and {highest}: check the number.")
        return cleaned


class SignForm(DescribedForm):
    """A prescriber's signature: both lengths, bridging in their own words, and that they read both dangers."""

    ids = "sign_%s"
    length = forms.IntegerField(
        label="Hold before the procedure", min_value=0, error_messages={"required": "Enter how long."}
    )
    unit = forms.ChoiceField(label="Days or hours", choices=UNITS)
    restart = forms.IntegerField(
        label="Restart after the procedure", min_value=0, error_messages={"required": "Enter when it starts again."}
    )
    restart_unit = forms.ChoiceField(label="Days or hours", choices=UNITS)
    reason = forms.CharField(label="Why it differs from the draft", max_length=200, required=False)
    bridging = forms.CharField(label="Bridging, in your own words", required=False, widget=forms.Textarea({"rows": 2}))
    understood = forms.BooleanField(
        label="I have read both dangers.", error_messages={"required": "Read both dangers, and say so."}
    )
    dangers_version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: object, hold: MedicationHold, **kwargs: object) -> None:
        length, unit = in_units(hold.duration)
        restart, restart_unit = in_units(hold.restart_after or "PT24H")
        initial = {
            "length": length, "unit": unit, "restart": restart, "restart_unit": restart_unit,
            "dangers_version": dangers().version,
        }  # fmt: skip
        super().__init__(*args, initial=initial, **{"prefix": f"sign-{hold.pk}", **kwargs})
        self.hold = hold
        if hold.restart_when:
            del self.fields["restart"], self.fields["restart_unit"]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        for field, unit in (("length", "unit"), ("restart", "restart_unit")):
            amount: Any = cleaned.get(field)
            if amount is not None and timedelta(**{_UNIT_NAMES[str(cleaned.get(unit, "D"))]: amount}) > LONGEST:
                self.add_error(field, f"More than {LONGEST.days} days is a slip of the pen: check the number.")
        return cleaned

    def signed(self) -> dict[str, str]:
        """What the valid form says, as `sign_hold` takes it."""
        data = self.cleaned_data
        restart = iso(data["restart"], data["restart_unit"]) if "restart" in self.fields else ""
        length = iso(data["length"], data["unit"])
        return {
            "dangers_shown": data["dangers_version"],
            "duration": "" if parse_duration(length) == parse_duration(self.hold.duration) else length,
            "restart_after": "" if not restart or _same(restart, self.hold.restart_after) else restart,
            "reason": data["reason"],
            "bridging": data["bridging"],
        }


class ByHandForm(DescribedForm):
    """A hold that a prescriber has decided on for a medicine of which the table proposes nothing."""

    ids = "by_hand_%s"
    medicine = forms.ChoiceField(label="Medicine", error_messages={"required": "Choose the medicine."})
    length = forms.IntegerField(
        label="Hold before the procedure", min_value=0, error_messages={"required": "Enter how long."}
    )
    unit = forms.ChoiceField(label="Days or hours", choices=UNITS)
    restart = forms.IntegerField(
        label="Restart after the procedure", min_value=0, error_messages={"required": "Enter when it starts again."}
    )
    restart_unit = forms.ChoiceField(label="Days or hours", choices=UNITS)
    needs_inr = forms.BooleanField(label="Only with a normal INR", required=False)
    why = forms.CharField(
        label="Why it is held", max_length=200, error_messages={"required": "Say why. It stays in the history."}
    )

    def __init__(self, *args: object, medicines: Iterable[Medication], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.medicines = {str(row.pk): row for row in medicines}
        choices = [(key, row.name) for key, row in self.medicines.items()]
        self.fields["medicine"].choices = [("", "Choose"), *choices]  # type: ignore[attr-defined]

    def decided(self) -> dict[str, Any]:
        """What the valid form says, as `draft_decided` takes it."""
        data = self.cleaned_data
        return {
            "medication": self.medicines[data["medicine"]],
            "duration": iso(data["length"], data["unit"]),
            "restart_after": iso(data["restart"], data["restart_unit"]),
            "needs_inr": data["needs_inr"],
            "why": data["why"],
        }


_UNIT_NAMES = {"D": "days", "H": "hours"}
FIELD_OF = {"duration": "length", "restart_after": "restart"}
"""The form's field for what `NotSignable` calls by its column."""


def in_units(duration: str) -> tuple[int, str]:
    """An ISO 8601 duration as a number and its unit, days (D) or hours (H)."""
    found = parse_duration(duration)
    hours = int(found.elapsed / timedelta(hours=1))
    return (found.days * 24 + hours, "H") if hours else (found.days, "D")


def iso(amount: int, unit: str) -> str:
    """A number of days or hours as an ISO 8601 duration."""
    return f"P{amount}D" if unit == "D" else f"PT{amount}H"


def _same(one: str, other: str) -> bool:
    return parse_duration(one) == parse_duration(other)


class DeclineForm(DescribedForm):
    """Taking a hold back."""

    ids = "decline_%s"
    reason = forms.CharField(
        label="Why is it declined?", max_length=200, error_messages={"required": "Say why. It stays in the history."}
    )


class PastForm(WhenForm):
    """A moment that is over."""

    past = "This moment is still to come. Enter when it was."

    def wrong_moment(self, at: datetime) -> str:
        return self.past if at > self.now else ""


class AgreementForm(PastForm):
    """That cardiology agrees: who, and when."""

    ids = "agreement_%s"
    agreed_by = forms.CharField(
        label="Who agreed?", max_length=120, error_messages={"required": "Enter the name of who agreed."}
    )
    field_order = ["agreed_by", "day", "clock"]


class LastDoseForm(PastForm):
    """When the last dose was taken."""

    ids = "last_dose_%s"
    past = "This moment is still to come. Enter when the last dose was taken."


class RestartedForm(PastForm):
    """When it was taken again."""

    ids = "restarted_%s"
    past = "This moment is still to come. Enter when it was taken again."


class RestartDayForm(WhenForm):
    """When it is to be taken again."""

    ids = "restart_day_%s"


class ToldForm(DescribedForm):
    """That a nurse told the patient the plan."""

    ids = "told_%s"
    how = forms.CharField(
        label="How was the patient told?", max_length=100, initial="on the phone",
        error_messages={"required": "Say how."},
    )  # fmt: skip
    has_read = forms.BooleanField(label="They say that they understood it", required=False)
