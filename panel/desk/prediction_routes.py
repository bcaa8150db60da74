"""The routes of predictions: what has to be looked up now, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from panel.app.predictions import ClaimIndex, due, last_resolved, next_due, resolve
from panel.desk.desk import Desk, see
from panel.domain.prediction import Claim, ClaimOutcome, Prediction, Resolution
from panel.errors import AlreadyResolved, PanelError

_SHOWN: Final = 20
_NEXT, _LAST = 8, 8
OUTCOMES: Final[Mapping[str, str]] = {
    "yes": "it came true",
    "no": "it did not",
    "void": "nobody can tell any more",
}


@dataclass(frozen=True)
class ClaimRow:
    """A claim on the page: its run's address, who made it, and what was found, where it was."""

    claim: Claim
    run: str
    reviewer: str
    day: date
    resolution: Resolution | None


class PredictionRoutes:
    """Predictions that are due, each with the form that says what came of it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._index = ClaimIndex(desk.workspace)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/predictions", self.show),
            Route("/predictions", self.resolve, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Return the predictions that are due, those that come next, and the last resolved."""
        return await self._page(request, {})

    async def resolve(self, request: Request) -> Response:
        """Write down what came of a prediction; the page comes back with what was typed if refused."""
        form = await self._desk.read_form(request)
        editor = request.state.session.editor
        try:
            await run_in_threadpool(self._resolve, form, editor)
        except AlreadyResolved as error:
            anew = "Nothing of yours was written; “Resolve anew”, below, changes it."
            return await self._page(request, form, f"{error} {anew}")
        except PanelError as error:
            return await self._page(request, form, str(error))
        return see("/predictions")

    def _resolve(self, form: Mapping[str, str], editor: str) -> None:
        resolve(
            self._desk.workspace,
            form.get("id", ""),
            cast("ClaimOutcome", form.get("outcome", "")),
            note=form.get("note", ""),
            source=form.get("source", ""),
            editor=editor,
            again="again" in form,
            index=self._index,
        )

    async def _page(self, request: Request, typed: dict[str, str], fault: str = "") -> Response:
        workspace = self._desk.workspace
        waiting = await run_in_threadpool(due, workspace, None, self._index)
        coming = await run_in_threadpool(next_due, workspace, _NEXT, None, self._index)
        last = await run_in_threadpool(last_resolved, workspace, self._index, _LAST)
        return await self._desk.render(
            request,
            "predictions.j2",
            here="/predictions",
            status=409 if fault else 200,
            due=[self._row(one) for one in waiting[:_SHOWN]],
            due_count=len(waiting),
            coming=[self._row(one) for one in coming],
            last=[self._row(one) for one in last],
            outcomes=OUTCOMES,
            typed={"id": "", "outcome": "", "note": "", "source": "", **typed},
            fault=fault,
        )

    def _row(self, one: Prediction) -> ClaimRow:
        names = {who.key: who.name for who in self._desk.workspace.persona_set.personas}
        claim = one.claim
        run, _, _ = claim.id.rpartition(".")
        return ClaimRow(
            claim=claim,
            run=f"/runs/{claim.made}/{run}",
            reviewer=names.get(claim.reviewer, claim.reviewer),
            day=claim.by,
            resolution=one.resolution,
        )
