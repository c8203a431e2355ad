"""Every reminder knows its clinic: the column comes, and takes its journey's. The next migration makes it required."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    Reminder, Journey = apps.get_model("pathway", "Reminder"), apps.get_model("pathway", "Journey")
    clinic = Journey.objects.filter(pk=OuterRef("journey_id")).values("clinic_id")
    Reminder.objects.filter(clinic=None).update(clinic_id=Subquery(clinic))


class Migration(migrations.Migration):

    dependencies = [
        ("patients", "0001_initial"),
        ("pathway", "0003_published_versions_are_immutable"),
    ]

    operations = [
        migrations.AddField(
            model_name="reminder",
            name="clinic",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.clinic"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
