"""What came back from the door: report, sections, documents seen, evidence and its review."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.sealed.fields import SealedField
from cases.enums import Section, Verdict
from visits.enums import (
    AddressVerdict,
    Disclosure,
    DocumentKind,
    DocumentVerdict,
    EvidenceKind,
    EvidenceState,
    FileProblem,
    Finding,
    PersonMet,
    Recommendation,
    ReviewVerdict,
)
from visits.models.crew import CrewMember
from visits.models.order import OfVisitQuerySet, VisitOrder


class ReportQuerySet(OfVisitQuerySet):
    territory_path = "order__case__territory"
    order_path = "order"


class OfReportQuerySet(OfVisitQuerySet):
    territory_path = "report__order__case__territory"
    order_path = "report__order"


class DocumentSeenQuerySet(OfVisitQuerySet):
    territory_path = "section__report__order__case__territory"
    order_path = "section__report__order"


class VisitReport(models.Model):
    """
    One crew's account of one visit. A returned report stays; the next version supersedes it.

    Holds roles of persons met, never names of unrelated persons.
    """

    order = models.ForeignKey(VisitOrder, models.PROTECT, verbose_name=_("visit order"), related_name="reports")
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    external_ref = models.CharField(_("reference"), max_length=60, unique=True)
    findings = ArrayField(models.CharField(max_length=3, choices=Finding.choices), verbose_name=_("findings"))
    person_met = models.CharField(_("person met"), max_length=20, choices=PersonMet.choices, default=PersonMet.NOBODY)
    disclosure = models.CharField(_("disclosed"), max_length=20, choices=Disclosure.choices, default=Disclosure.NONE)
    identity_factors = models.PositiveSmallIntegerField(_("identity factors checked"), default=0)
    entered_home = models.BooleanField(_("entered the home"), default=False)
    entry_consent_ref = models.CharField(_("consent to enter"), max_length=80, blank=True)
    recording_consent = models.BooleanField(_("consented to recording"), default=False)
    address_verdict = models.CharField(
        _("address verdict"), max_length=12, choices=AddressVerdict.choices, default=AddressVerdict.DOUBTFUL
    )
    statement = SealedField(_("what was said"))
    observations = models.CharField(_("observations"), max_length=500, blank=True)
    recommendation = models.CharField(_("recommendation"), max_length=20, choices=Recommendation.choices)
    recommendation_reason = models.CharField(_("why recommended"), max_length=300, blank=True)
    promised_amount = models.DecimalField(_("promised amount"), max_digits=14, decimal_places=2, null=True, blank=True)
    promised_for = models.DateField(_("promised for"), null=True, blank=True)
    contact_started_at = models.DateTimeField(_("contact began at"), null=True, blank=True)
    contact_ended_at = models.DateTimeField(_("contact ended at"), null=True, blank=True)
    # Both crew sign that the conduct rules were kept.
    attested_by_lead = models.BooleanField(_("lead attests"), default=False)
    attested_by_second = models.BooleanField(_("companion attests"), default=False)
    incident = models.CharField(_("incident"), max_length=300, blank=True)
    # Codes of the problems that the crew explained as an incident: a person must look into them.
    incident_codes = models.JSONField(_("conduct problems"), default=list)
    # {field: {WordMark: count}}: what its texts were found to hold, for the reviewer.
    text_marks = models.JSONField(_("found in the texts"), default=dict, db_default={})
    # {field: text as written} of the texts from which data of other people was taken out; until the report is accepted.
    marked_texts = SealedField(_("texts as written"))
    # [{"ref", "kind", "sha256"}]: what the crew took, named before the files follow, so none can be swapped.
    announced_media = models.JSONField(_("announced media"), default=list)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("submitted by"), null=True, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted at"))
    created_at = models.DateTimeField(_("created at"))

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit report")
        verbose_name_plural = _("visit reports")
        constraints = [
            models.UniqueConstraint(fields=["order", "version"], name="one_report_a_version"),
            # Without it an incident tells what happened: a true report of a fault is taken too.
            models.CheckConstraint(
                condition=Q(entered_home=False) | ~Q(entry_consent_ref="") | ~Q(incident=""),
                name="entry_has_consent_or_incident",
            ),
        ]

    def __str__(self) -> str:
        return self.external_ref


class ReportSection(models.Model):
    """One of the four sections: verdict and note."""

    report = models.ForeignKey(VisitReport, models.CASCADE, verbose_name=_("report"), related_name="sections")
    section = models.CharField(_("section"), max_length=10, choices=Section.choices)
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict.choices)
    confidence = models.DecimalField(_("confidence"), max_digits=3, decimal_places=2)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report section")
        verbose_name_plural = _("report sections")
        constraints = [models.UniqueConstraint(fields=["report", "section"], name="one_section_a_report")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.section}"


class DocumentSeen(models.Model):
    """A paper that was shown: what was read from it, under seal, and what checks say of it. Copies only where needed."""

    section = models.ForeignKey(ReportSection, models.CASCADE, verbose_name=_("section"), related_name="documents")
    kind = models.CharField(_("kind"), max_length=25, choices=DocumentKind.choices)
    verdict = models.CharField(_("verdict"), max_length=15, choices=DocumentVerdict.choices)
    # Names of fields and their results, never the values.
    checks = models.JSONField(_("checked fields"), default=list)
    issuer = models.CharField(_("issuer"), max_length=80, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    fields_ref = models.UUIDField(null=True, blank=True, editable=False)
    # {field: value} of rules/report/paper_fields.py as JSON; null where nothing was read.
    fields = SealedField(_("read from the paper"), bound_to="fields_ref", null=True, default=None)
    # [{"field", "verdict", "reason"}]: what the rules found when the report was handed in, and when it was accepted.
    computed = models.JSONField(_("checked by the rules"), default=list, db_default=[])
    computed_at_review = models.JSONField(_("checked by the rules at review"), null=True, blank=True, default=None)

    objects = DocumentSeenQuerySet.as_manager()

    class Meta:
        verbose_name = _("document seen")
        verbose_name_plural = _("documents seen")

    def __str__(self) -> str:
        return f"{self.section_id} {self.kind}"


class Evidence(models.Model):
    """
    One file from the door: hashed when received, never overwritten; what speaks for and against it.

    While it is WAITING, what is read from its pixels is empty: the copy, the camera's data, signals and score.
    """

    report = models.ForeignKey(VisitReport, models.PROTECT, verbose_name=_("report"), related_name="evidence")
    section = models.CharField(_("section"), max_length=10, choices=Section.choices, blank=True)
    external_ref = models.CharField(_("reference"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=EvidenceKind.choices)
    state = models.CharField(_("state"), max_length=10, choices=EvidenceState.choices, default=EvidenceState.WAITING)
    file = models.FileField(_("file"), upload_to="evidence/%Y/%m")
    media_type = models.CharField(_("media type"), max_length=40)
    byte_count = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    # Of the copy for display; empty where there is none, and for copies from before it was kept.
    preview_sha256 = models.CharField(_("copy's SHA-256"), max_length=64, blank=True)
    # When the stored file was last compared with its SHA-256, and what was found.
    file_checked_at = models.DateTimeField(_("file checked at"), null=True, blank=True)
    file_problem = models.CharField(_("file problem"), max_length=10, choices=FileProblem.choices, blank=True)
    perceptual_hash = models.BinaryField(default=b"", editable=False)
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    # "latitude,longitude" in degrees, WGS 84, from the file itself.
    point = SealedField(_("coordinates"))
    # Keyed digest of the position to the metre: shows that two are the same, and not where. Empty without one, and for old rows.
    place_digest = models.BinaryField(default=b"", db_default=b"", editable=False)
    accuracy_m = models.FloatField(_("accuracy in metres"), null=True, blank=True)
    camera = models.CharField(_("camera"), max_length=80, blank=True)
    software = models.CharField(_("software"), max_length=80, blank=True)
    trust_score = models.PositiveSmallIntegerField(_("trust score"), default=0)
    # [{"signal": code, "weight": n}], see rules/evidence.py.
    signals = models.JSONField(_("signals"), default=list)
    uploaded_by = models.ForeignKey(
        CrewMember, models.PROTECT, verbose_name=_("uploaded by"), null=True, blank=True, related_name="+"
    )
    # The device's clock at upload, and whether it said that a program sets its position; unknown for old rows.
    device_at = models.DateTimeField(_("device time"), null=True, blank=True)
    mock_location = models.BooleanField(_("mock location"), default=False)
    received_at = models.DateTimeField(_("received at"))
    # How often a worker began to decode the file, and when it last did; see services/doorstep/evidence_reading.py.
    read_attempts = models.PositiveSmallIntegerField(_("attempts to read"), default=0)
    reading_began_at = models.DateTimeField(_("reading began at"), null=True, blank=True)
    # When it was read, or found to be unreadable.
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated at"))

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(condition=Q(trust_score__lte=100), name="trust_score_to_100"),
            models.CheckConstraint(
                condition=Q(state=EvidenceState.WAITING.value, read_at__isnull=True)
                | Q(
                    state__in=[EvidenceState.READ.value, EvidenceState.UNREADABLE.value, EvidenceState.LOCKED.value],
                    read_at__isnull=False,
                ),
                name="evidence_read_at_iff_read",
            ),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="evidence_by_hash"),
            models.Index(fields=["id"], name="evidence_waiting", condition=Q(state=EvidenceState.WAITING.value)),
            models.Index(fields=["file_checked_at", "id"], name="evidence_to_check"),
            models.Index(fields=["place_digest"], condition=~Q(place_digest=b""), name="evidence_by_place"),
        ]

    def __str__(self) -> str:
        return self.external_ref

    @property
    def has_preview(self) -> bool:
        """Whether it has a copy for display: a photograph has one once it is read."""
        return self.media_type.startswith("image/") and self.state == EvidenceState.READ

    @property
    def preview_name(self) -> str:
        """The stored name of the copy for display: re-encoded, without camera data. See `has_preview`."""
        return f"previews/{self.sha256[:2]}/{self.sha256}.jpg"


class Review(models.Model):
    """A second person's judgement of a report."""

    report = models.OneToOneField(VisitReport, models.PROTECT, verbose_name=_("report"), related_name="review")
    verdict = models.CharField(_("verdict"), max_length=10, choices=ReviewVerdict.choices)
    quality_score = models.PositiveSmallIntegerField(_("quality score"))
    problems = models.JSONField(_("problems"), default=list)
    note = models.CharField(_("note"), max_length=300, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("reviewed by"), related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("submitted by"), null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("reviewed at"))
    # A report with reasons to check counts only when a second reviewer agrees, and says why.
    needs_second = models.BooleanField(_("needs a second reviewer"), default=False, db_default=False)

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.CheckConstraint(condition=Q(quality_score__lte=100), name="review_score_to_100"),
            models.CheckConstraint(
                condition=Q(submitted_by__isnull=True) | ~Q(reviewed_by=F("submitted_by")), name="review_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.verdict}"
