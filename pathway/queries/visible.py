"""Which journeys and tasks a person may see. Views start here and never at a model's default manager."""

from django.db.models import QuerySet

from pathway.models import Journey, WorkItem
from patients.models import Staff
from patients.queries.visible import visible_clinics


def visible_journeys(staff: Staff) -> QuerySet[Journey]:
    """The journeys of this person's clinics, with patient, clinic and protocol version."""
    return Journey.objects.filter(clinic__in=visible_clinics(staff)).select_related(
        "clinic", "patient__clinic", "protocol_version__protocol"
    )


def visible_work_items(staff: Staff) -> QuerySet[WorkItem]:
    """The tasks of this person's clinics, done or not, with clinic and patient."""
    return WorkItem.objects.filter(clinic__in=visible_clinics(staff)).select_related(
        "clinic", "journey__patient__clinic", "claimed_by"
    )
