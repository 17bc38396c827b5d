"""Phones of crew members: a key made on the phone, and what it signs."""

import json
from base64 import b64encode
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.factories.visits import HOME
from visits.models import CrewDevice, CrewMember
from visits.services.agencies.devices import announce_device, bind_device, device_code


class Phone:
    """A phone with a key of its own, bound to a member where `member` and `coordinator` are given."""

    device: CrewDevice

    def __init__(
        self, *, member: CrewMember | None = None, coordinator: Any = None, at: datetime | None = None
    ) -> None:
        self.key = generate_private_key(SECP256R1())
        if member is not None and at is not None:
            self.device = announce_device(label="Pixel 8", public_key=self.public_key, actor=member.user, at=at)
            if coordinator is not None:
                bind_device(device=self.device, code=device_code(device=self.device), actor=coordinator, at=at)

    @property
    def public_key(self) -> str:
        return b64encode(self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

    def sign(self, text: str) -> str:
        """Return the signature as browsers give it: both numbers, 32 bytes each, in base64."""
        r, s = decode_dss_signature(self.key.sign(text.encode(), ECDSA(SHA256())))
        return b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()

    def statement(
        self,
        *,
        order: int,
        ticket: str,
        at: datetime,
        moment: str = "IN",
        ref: str = "P-1",
        badge: str = "M1",
        place: tuple[float, float] = HOME,
    ) -> str:
        """Return the text that the phone signs for an arrival or departure at the borrower's door."""
        position = {
            "external_ref": ref,
            "latitude": place[0],
            "longitude": place[1],
            "accuracy_m": 12.0,
            "device_at": at.isoformat(),
        }
        held = {"order": order, "moment": moment, "position": position, "badge_evidence_ref": badge, "ticket": ticket}
        return json.dumps(held)

    def body(self, **statement: Any) -> dict[str, Any]:
        """Return the body of a signed message, as the REST door takes it."""
        text = self.statement(**statement)
        return {"device": self.device.pk, "statement": text, "signature": self.sign(text)}
