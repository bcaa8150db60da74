"""A fault of a readable answer, and what becomes of an answer that keeps it."""

from typing import Literal

from panel.domain.value import Value

FaultKind = Literal["flawed", "copied", "repetitive"]
"""`flawed`: the answer is kept and flagged; `copied`: it is not the reviewer's own and is not kept;
`repetitive`: it is kept and counted."""


class Fault(Value):
    """What is wrong with an answer, in words that its writer can mend it by.

    `message` names a place and never what was written there: it goes into a prompt, outside the fence,
    and what a model wrote may be the vendor's. The three words of a repetition are the exception.
    """

    message: str
    kind: FaultKind = "flawed"
