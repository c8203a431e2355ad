"""The panels of a journey's page on what is known clinically: candidacy, the insurer's word, outcome measures."""

from datetime import datetime

from pathway.forms_authorisation import AuthorisationForm
from pathway.forms_candidacy import CandidacyForm, DecisionForm
from pathway.forms_measures import CorrectForm, MeasureForm
from pathway.models import Journey
from pathway.queries.candidacy import Candidacy, candidacy_of
from pathway.queries.coverage import authorisation_of
from pathway.queries.measurements import MeasureRow, measures_of, occasion_titles
from pathway.queries.prescribers import is_prescriber
from pathway.queries.protocols import protocol_of
from pathway.states import JOURNEY_ENDED
from patients.models import Staff


def clinical_panels(row: Journey, *, staff: Staff, now: datetime) -> dict[str, object]:
    """What the panels show, and their empty forms, by their names in the templates."""
    candidacy, measures = candidacy_of(row), measures_of(row)
    return {
        "candidacy": candidacy,
        "may_decide": candidacy.is_open and is_prescriber(staff, clinic_id=row.clinic_id),
        "candidacy_form": candidacy_form(candidacy),
        "decision_form": decision_form(candidacy),
        "authorisation": authorisation_of(row),
        "may_authorise": row.state not in JOURNEY_ENDED,
        "authorisation_form": authorisation_form(row),
        "measures": measures,
        "measured": any(one.values for one in measures),
        "measure_form": measure_form(row, now),
        "correct_form": correct_form(measures),
    }


def candidacy_form(candidacy: Candidacy, data: object = None) -> CandidacyForm:
    return CandidacyForm(data, items=candidacy.items, known=candidacy.answers)


def decision_form(candidacy: Candidacy, data: object = None) -> DecisionForm:
    looked_at = candidacy.assessment.pk if candidacy.assessment is not None else None
    return DecisionForm(data, initial={"assessment": looked_at})


def authorisation_form(row: Journey, data: object = None) -> AuthorisationForm:
    return AuthorisationForm(data, row=authorisation_of(row))


def measure_form(row: Journey, now: datetime, data: object = None) -> MeasureForm:
    """Its day and time begin as now, on the clinic's clock."""
    local = now.astimezone(row.clinic.tz)
    return MeasureForm(
        data,
        measures=protocol_of(row.protocol_version).measures,
        occasions=occasion_titles(row),
        zone=row.clinic.tz,
        now=now,
        initial={"day": local.date(), "clock": local.time()},
    )


def correct_form(measures: tuple[MeasureRow, ...], data: object = None) -> CorrectForm:
    return CorrectForm(data, rows=measures)
