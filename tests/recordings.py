"""The recorded runs of the repository, for tests that replay or show them."""

import json

import pytest

from panel.domain.run import Run
from tests.conftest import CHECKOUT

RECORDED = CHECKOUT / "runs"
VERSION: int = Run.model_fields["v"].default
FORMER = [
    file.parent.name
    for file in sorted(RECORDED.glob("*/*/run.json"))
    if json.loads(file.read_bytes())["run"]["v"] != VERSION
]
with_recordings = pytest.mark.skipif(
    bool(FORMER),
    reason=f"{len(FORMER)} recorded runs are of a former panel, which today's can neither show nor "
    "replay: record the tools anew",
)
