"""Digests of sealed texts for the trail, which keeps no words that people typed."""

from backoffice.core.sealed.sealing import keyed_digest


def text_digest(*, text: str, kind: str) -> str:
    """
    Return the keyed digest of a text as 32 hexadecimal digits, or an empty text for an empty one.

    It proves later what the text was, without showing it: who holds the key computes it again from the opened text.
    `kind` ("decision.note") keeps equal texts of different kinds apart.
    """
    return keyed_digest(text=text, kind=kind).hex() if text else ""
