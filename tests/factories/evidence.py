"""Reports whose files are about to be sent, and the files."""

import hashlib
import io
from datetime import timedelta
from typing import Any

from PIL import Image

from cases.models import Case
from tests.factories.visits import SENT_AT, VISIT_AT, make_order, position
from visits.models import CheckIn, Evidence, Placement, VisitReport
from visits.services.doorstep.evidence import Device, attach_evidence


def make_reported(
    *,
    case: Case,
    placement: Placement,
    approver: Any,
    pair: Any,
    contents: Any = (),
    kind: str = "DOOR",
    findings: Any = ("F01",),
) -> VisitReport:
    """Make the report of a visit, checked in at VISIT_AT and out 30 minutes later, that announced `contents`."""
    order = make_order(case=case, placement=placement, state="REPORTED", approver=approver, pair=pair)
    for member, moment, minutes in ((pair[0], "IN", 0), (pair[1], "IN", 1), (pair[0], "OUT", 30)):
        at = VISIT_AT + timedelta(minutes=minutes)
        CheckIn.objects.create(
            order=order,
            member=member,
            moment=moment,
            external_ref=position(at=at).external_ref,
            point="31.2304,121.4737",
            device_at=at,
            received_at=at,
            happened_at=at,
        )
    return VisitReport.objects.create(
        order=order,
        external_ref=f"R{order.pk}",
        findings=list(findings),
        recommendation="CLOSE",
        submitted_at=SENT_AT,
        created_at=SENT_AT,
        announced_media=[
            {"ref": f"M{order.pk}-{n}", "kind": kind, "sha256": hashlib.sha256(content).hexdigest()}
            for n, content in enumerate(contents)
        ],
    )


def attach(report: VisitReport, content: bytes, *, number: int = 0, device: Any = None, **fields: Any) -> Evidence:
    """Attach the announced file `number` to a report of `make_reported`, at SENT_AT, as the system."""
    values: dict[str, Any] = {"kind": "DOOR", "external_ref": f"M{report.order_id}-{number}"} | fields
    return attach_evidence(
        report=report,
        content=content,
        device=device or Device(at=SENT_AT),
        uploaded_by=None,
        actor=None,
        at=SENT_AT,
        **values,
    )


def alike(content: bytes) -> bytes:
    """Return another file that looks the same as a photograph and has its camera's data."""
    again, buffer = Image.open(io.BytesIO(content)), io.BytesIO()
    again.save(buffer, format="JPEG", quality=60, exif=again.getexif())
    return buffer.getvalue()
