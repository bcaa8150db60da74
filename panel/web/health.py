"""What a service says of its health to whoever asks: words of ours, and the fault to the log."""

import logging
from typing import Final

from starlette.responses import JSONResponse

from panel.errors import PanelError
from panel.web.security_headers import NEVER_STORED

_LOG: Final = logging.getLogger("shipskip")


class Health:
    """Answers 200, or 503 with what does not work; a fault may hold a path, so nobody is told it.

    `service` is what the log calls it. A fault is logged when it comes, not each time somebody asks.
    """

    def __init__(self, service: str) -> None:
        self._service = service
        self._logged = ""

    def answer(self, what: str = "", fault: PanelError | None = None) -> JSONResponse:
        """Return the answer: `what` says in words of ours what the `fault` keeps from working."""
        if fault is None:
            self._logged = ""
            return JSONResponse({"status": "ok"}, headers=NEVER_STORED)
        if str(fault) != self._logged:
            self._logged = str(fault)
            _LOG.warning("%s: %s. %s", self._service, what, fault)
        return JSONResponse({"status": "fault", "fault": what}, 503, headers=NEVER_STORED)
