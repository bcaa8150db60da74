"""Who is at the desk: here whoever says a name, elsewhere who has the password or a proxy's word."""

import asyncio
import hashlib
import hmac
import secrets
from collections import deque
from dataclasses import dataclass
from typing import Final

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request

from panel.app.settings import DeskSettings
from panel.domain.decision import MOST_OF_A_NAME
from panel.errors import ConfigError
from panel.ports import Clock
from panel.web.protection import is_https

_SESSION_S: Final = 12 * 3600
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_COST: Final = {"n": 1 << 14, "r": 8, "p": 1, "maxmem": 1 << 26}
_TRIES, _WITHIN_S = 5, 60.0


@dataclass(frozen=True)
class Session:
    """An editor at the desk. `id` ties the forms of its pages to it; a `cookie` is to be set."""

    editor: str
    id: str
    cookie: str | None = None


class SignInNeeded(Exception):
    """The request comes from nobody that the desk knows."""


class NotAdmitted(Exception):
    """The request came past the proxy that has to say whose it is."""


def hash_password(password: str) -> str:
    """Return what the settings keep of a password, with a salt of its own."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{salt.hex()}:{_scrypt(password, salt).hex()}"


def is_password(password: str, kept: str) -> bool:
    """Tell whether `password` is the one that `kept` was made of; it takes its time on purpose."""
    _, salt, digest = kept.split(":")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)), bytes.fromhex(digest))


class Access:
    """Tells who sends a request, and whether a form was sent from a page of the same editor.

    Sessions are signed cookies of twelve hours under a key of this process: a restart ends them.
    Raises ConfigError where `host` is no address of this machine, or the desk has one for others, and
    neither a password nor a proxy guards it.
    """

    def __init__(
        self, settings: DeskSettings, clock: Clock, *, host: str, editor: str | None
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._editor = editor or settings.editor
        self._is_local = host in _LOOPBACK and settings.address is None
        if not self._is_local and not (settings.password_hash or settings.name_header):
            raise ConfigError(
                f"{settings.address or host}: a desk for other machines needs a password or a proxy "
                "that says who signs in. Set [desk] password_hash (`shipskip desk "
                "--hash-password`) or name_header and proxies."
            )
        if settings.name_header and not settings.proxies:
            raise ConfigError("desk.proxies: name the proxies that may send the name of an editor.")
        key = secrets.token_bytes(32)
        self._sessions = URLSafeTimedSerializer(key, salt="session")
        self._forms = URLSafeTimedSerializer(key, salt="form")
        self._over_tls = is_https(settings.address)
        self._failures: deque[float] = deque(maxlen=_TRIES)
        self._checking = asyncio.Semaphore(1)  # scrypt takes 16 MB and a core each time

    @property
    def cookie_name(self) -> str:
        """The cookie's name; over TLS one that only this very host can have set."""
        return "__Host-desk" if self._over_tls else "desk"

    @property
    def asks_password(self) -> bool:
        """Whether whoever signs in has to know the password."""
        return not self._is_local and self._settings.password_hash is not None

    def recognise(self, request: Request) -> Session:
        """Return whose request it is. Raises SignInNeeded and NotAdmitted."""
        known = self._read(request.cookies.get(self.cookie_name, ""))
        if not self._is_local and self._settings.name_header:
            name = self._named_by_proxy(request)
            return known if known and known.editor == name else self._open(name)
        if known is not None:
            return known
        if self._is_local and self._editor:
            return self._open(self._editor)
        raise SignInNeeded

    async def sign_in(self, name: str, password: str) -> Session | None:
        """Return a session for `name`, None where the password is wrong or was tried too often."""
        name = " ".join(name.split())[:MOST_OF_A_NAME]
        if not name:
            return None
        if self.asks_password and not await self._is_right(password):
            return None
        return self._open(name)

    def form_token(self, session: Session) -> str:
        """Return the token that the forms of a session carry."""
        return str(self._forms.dumps(session.id))

    def owns(self, session: Session, token: str) -> bool:
        """Tell whether `token` is one of the session's own."""
        try:
            return hmac.compare_digest(
                str(self._forms.loads(token, max_age=_SESSION_S)), session.id
            )
        except BadSignature:
            return False

    def set_cookie(self, session: Session) -> str:
        """Return the header that has the browser keep the session."""
        secure = "; Secure" if self._over_tls else ""
        return (
            f"{self.cookie_name}={session.cookie}; Path=/; Max-Age={_SESSION_S}; HttpOnly; "
            f"SameSite=Strict{secure}"
        )

    def end_cookie(self) -> str:
        """Return the header that has the browser forget the session."""
        return f"{self.cookie_name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict" + (
            "; Secure" if self._over_tls else ""
        )

    def _named_by_proxy(self, request: Request) -> str:
        peer = request.client.host if request.client else ""
        header = self._settings.name_header or ""
        name = " ".join(request.headers.get(header, "").split())[:MOST_OF_A_NAME]
        if peer not in self._settings.proxies or not name:
            raise NotAdmitted
        return name

    def _open(self, name: str) -> Session:
        id_ = secrets.token_urlsafe(16)
        return Session(name, id_, cookie=str(self._sessions.dumps([name, id_])))

    def _read(self, cookie: str) -> Session | None:
        try:
            name, id_ = self._sessions.loads(cookie, max_age=_SESSION_S)
        except BadSignature:
            return None
        return Session(str(name), str(id_))

    async def _is_right(self, password: str) -> bool:
        async with self._checking:  # the tries too are counted one after the other
            now = self._clock.monotonic()
            if len(self._failures) == _TRIES and now - self._failures[0] < _WITHIN_S:
                return False
            kept = self._settings.password_hash or ""
            right = await asyncio.to_thread(is_password, password, kept)
            if not right:
                self._failures.append(now)
            return right


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, **_COST)
