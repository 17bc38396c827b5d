"""A profile gets versions; the text that it has becomes its first one, in use, made and approved by nobody known."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import backoffice.core.sealed.fields
import cases.models.profile

# The text of a version never changes: another text is another version, which another person approves.
REFUSE = """
CREATE FUNCTION profile_version_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.body IS DISTINCT FROM OLD.body OR NEW.number <> OLD.number OR NEW.profile_id <> OLD.profile_id
        OR NEW.made_by_id IS DISTINCT FROM OLD.made_by_id THEN
        RAISE EXCEPTION 'a version of an intake profile does not change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER profile_version_is_final BEFORE UPDATE ON cases_intakeprofileversion
    FOR EACH ROW EXECUTE FUNCTION profile_version_is_final();
"""

ALLOW = """
DROP TRIGGER profile_version_is_final ON cases_intakeprofileversion;
DROP FUNCTION profile_version_is_final();
"""


def make_first_versions(apps, schema_editor):
    """Make version 1 of each profile that is there."""
    version = apps.get_model("cases", "IntakeProfileVersion")
    version.objects.bulk_create(
        version(
            profile=profile,
            number=1,
            body=profile.body,
            state="ACTIVE",
            created_at=profile.created_at,
            updated_at=profile.created_at,
        )
        for profile in apps.get_model("cases", "IntakeProfile").objects.order_by("pk")
    )
    # Without checks that wait for the end of the transaction the tables can be altered in the same one.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def put_texts_back(apps, schema_editor):
    """Give each profile the text of its version in use, else of the latest one."""
    for profile in apps.get_model("cases", "IntakeProfile").objects.order_by("pk"):
        versions = profile.versions.order_by("number")
        kept = versions.filter(state="ACTIVE").last() or versions.last()
        if kept is not None:
            profile.body = kept.body
            profile.save(update_fields=["body"])


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0032_figures_have_an_age"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # The moment of the last change is the best that is known of the making.
        migrations.RenameField(model_name="intakeprofile", old_name="updated_at", new_name="created_at"),
        migrations.AlterField(
            model_name="intakeprofile", name="created_at", field=models.DateTimeField(verbose_name="created at")
        ),
        migrations.CreateModel(
            name="IntakeProfileVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("body", models.TextField(verbose_name="mapping")),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "Awaits approval"), ("ACTIVE", "In use"), ("RETIRED", "Retired")],
                        default="DRAFT",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("tried", models.JSONField(blank=True, default=dict, verbose_name="rows of the sample")),
                (
                    "refusal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("WRONG_COLUMN", "A field is filled from the wrong column"),
                            ("WRONG_UNIT", "A unit, a date format or percent is wrong"),
                            ("WRONG_WORDS", "Words are mapped to the wrong value"),
                            ("FIELD_MISSING", "A field of the file is not taken in"),
                            ("TOO_MANY_REJECTED", "Too many rows are rejected"),
                            ("NOT_NEEDED", "The profile is not needed"),
                        ],
                        max_length=20,
                        verbose_name="refused because",
                    ),
                ),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved at")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("updated_at", models.DateTimeField(verbose_name="updated at")),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="cases.intakeprofile",
                        verbose_name="profile",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of an intake profile",
                "verbose_name_plural": "versions of intake profiles",
            },
        ),
        migrations.AddField(
            model_name="intakefile",
            name="profile_version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.intakeprofileversion",
                verbose_name="version of the profile",
            ),
        ),
        migrations.CreateModel(
            name="ProfileSample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "external_ref",
                    models.CharField(default=cases.models.profile.new_sample_ref, max_length=32, unique=True),
                ),
                ("name", models.SlugField(max_length=60, verbose_name="name")),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                (
                    "content",
                    backoffice.core.sealed.fields.SealedField(
                        blank=True, bound_to="external_ref", default="", verbose_name="rows"
                    ),
                ),
                ("body", models.TextField(verbose_name="mapping")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("expires_at", models.DateTimeField(verbose_name="deleted after")),
                ("logged_at", models.DateTimeField(blank=True, null=True)),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="samples",
                        to="cases.intakeprofileversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "sample of a file",
                "verbose_name_plural": "samples of files",
            },
        ),
        migrations.AddConstraint(
            model_name="intakeprofileversion",
            constraint=models.UniqueConstraint(fields=("profile", "number"), name="one_number_a_profile_version"),
        ),
        migrations.AddConstraint(
            model_name="intakeprofileversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "ACTIVE")), fields=("profile",), name="one_profile_version_in_use"
            ),
        ),
        migrations.AddConstraint(
            model_name="intakeprofileversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    models.Q(("approved_by", models.F("made_by")), _negated=True),
                    _connector="OR",
                ),
                name="profile_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="intakeprofileversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                    models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                    _connector="OR",
                ),
                name="profile_approved_at_iff_approved_by",
            ),
        ),
        migrations.AddIndex(
            model_name="profilesample",
            index=models.Index(fields=["expires_at"], name="sample_expires"),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
        migrations.RunPython(make_first_versions, put_texts_back),
        # Going back, the column is there again, empty, before it is filled.
        migrations.AlterField(
            model_name="intakeprofile", name="body", field=models.TextField(default="", verbose_name="mapping")
        ),
        migrations.RemoveField(model_name="intakeprofile", name="body"),
    ]
