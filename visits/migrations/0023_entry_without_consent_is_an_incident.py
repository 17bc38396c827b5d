"""An entry without recorded consent is reported with an incident instead of not at all."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("visits", "0022_datum_of_check_ins")]

    operations = [
        migrations.RemoveConstraint(model_name="visitreport", name="entry_has_recorded_consent"),
        migrations.AddConstraint(
            model_name="visitreport",
            constraint=models.CheckConstraint(
                condition=Q(entered_home=False) | ~Q(entry_consent_ref="") | ~Q(incident=""),
                name="entry_has_consent_or_incident",
            ),
        ),
    ]
