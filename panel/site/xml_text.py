"""Text for XML: what XML 1.0 forbids is made visible, everything else is escaped."""

import re
from html import escape  # that of xml.sax.saxutils imports a client for HTTP

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Return `text` as it may stand in an element or an attribute of XML 1.0."""
    shown = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
    return escape(shown, quote=False).replace('"', "&quot;")
