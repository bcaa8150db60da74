"""Who votes: a signed random cookie, known to the database by a keyed hash only."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from itsdangerous import BadSignature, TimestampSigner

from panel.domain.community import KEPT_DAYS

_DAY_S: Final = 86_400
_HASH_BYTES: Final = 16
_LONGEST: Final = 200


@dataclass(frozen=True)
class Voter:
    """A voter: `key` is what the database knows, `cookie` what a new one's browser has to keep."""

    key: bytes
    form_token: str
    cookie: str | None = None

    def owns(self, token: str) -> bool:
        """Tell whether a form with this token was made for this voter."""
        return hmac.compare_digest(token.encode(), self.form_token.encode())


class Voters:
    """Recognises voters by their cookies.

    The `secret` signs cookies and hashes what is in them; who has the database alone can link no row
    to a cookie. A cookie is never renewed, so it is refused before its votes are folded into counts,
    and no voter is counted twice. `over_tls` says that browsers reach the service by https.

    >>> voters = Voters(b"a secret of the service", over_tls=True)
    >>> new = voters.welcome()
    >>> voters.recognise(new.cookie).key == new.key
    True
    """

    def __init__(self, secret: bytes, *, over_tls: bool) -> None:
        self.cookie_name = "__Host-voter" if over_tls else "voter"
        self._signer = TimestampSigner(secret, salt="voter", digest_method=sha256)
        self._hash_key = hmac.digest(secret, b"stored voter", "sha256")
        self._form_key = hmac.digest(secret, b"form token", "sha256")
        self._attributes = f"; Max-Age={KEPT_DAYS * _DAY_S}; Path=/; HttpOnly; SameSite=Lax" + (
            "; Secure" if over_tls else ""
        )

    def recognise(self, cookie: str | None) -> Voter | None:
        """Return who sends this cookie, None where it is not ours or too old."""
        if not cookie or len(cookie) > _LONGEST:
            return None
        try:
            found = self._signer.unsign(cookie, max_age=KEPT_DAYS * _DAY_S)
        except BadSignature:
            return None
        return self._voter(found)

    def welcome(self) -> Voter:
        """Return a new voter, with the cookie to set."""
        name = token_urlsafe(16).encode()
        return self._voter(name, self._signer.sign(name).decode())

    def set_cookie(self, voter: Voter) -> str:
        """Return the value of the `Set-Cookie` header for a new voter."""
        return f"{self.cookie_name}={voter.cookie}{self._attributes}"

    def _voter(self, name: bytes, cookie: str | None = None) -> Voter:
        key = hmac.digest(self._hash_key, name, "sha256")[:_HASH_BYTES]
        token = hmac.digest(self._form_key, name, "sha256").hex()
        return Voter(key, token, cookie)
