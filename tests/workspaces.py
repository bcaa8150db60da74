"""The workspace that tests work in: personas and prompts of their own.

So a persona, a criterion or a wording of the product may change and no test of a rule turns red.
"""

from functools import cache
from pathlib import Path
from shutil import copytree

from panel.domain.ballot import Ballot, DatedClaim
from panel.domain.persona import Persona
from panel.store.persona_files import PersonaSet, load_personas
from tests.conftest import CHECKOUT
from tests.factories import a_ballot, a_finding
from tests.panels import PADDING

WORKSPACE = CHECKOUT / "tests" / "workspace"
REPEATING = "recent_reviews = 30"


@cache
def persona_set() -> PersonaSet:
    """Return the personas and prompts of the tests' workspace."""
    return load_personas(WORKSPACE / "personas", WORKSPACE / "prompts")


def lay_out(root: Path) -> Path:
    """Return `root` with the tests' personas and prompts and nearly the settings of the product.

    A persona may repeat itself: here it has the same answer for every tool.
    """
    copytree(WORKSPACE, root)
    settings = (CHECKOUT / "shipskip.toml").read_text(encoding="utf-8")
    assert REPEATING in settings
    settings = settings.replace(REPEATING, "recent_reviews = 0")
    (root / "shipskip.toml").write_text(settings, encoding="utf-8")
    return root


def a_ballot_of(persona: Persona, by: str = "2027-06-30") -> Ballot:
    """Return a ballot with which the checks find no fault, different for each persona.

    Of the tests' personas the futurist skips, the others ship. `by` is the day of the prediction.
    """
    place = [one.key for one in persona_set().personas].index(persona.key)
    step = (4, 5, 2, 4)[place % 4]
    return a_ballot(
        "skip" if step == 2 else "ship",
        findings=tuple(
            a_finding(key, step, finding=f"So says {persona.name}.")
            for key in persona.criterion_keys
        ),
        take=(*a_ballot().take, PADDING),
        prediction=DatedClaim(claim="A hosted plan appears.", by=by, probability=0.6),
        confidence=0.5 + place / 10,
    )
