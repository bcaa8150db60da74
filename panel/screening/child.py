"""The process that screens long texts: a JSON line in, a JSON line out, each within limits.

`python -I -m panel.screening.child MEGABYTES SECONDS`. A text that takes more of the processor ends it;
one that takes more memory is answered with `{"fault": "memory"}`. It leaves when its input ends.
"""

import json
import signal
import sys
from typing import Any

from panel.process_limits import limit_memory, limit_time
from panel.screening.flags import field_flags


def main(megabytes: int, seconds: float) -> None:
    """Answer each line of standard input until there is none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it
    field_flags("text", "", frozenset())  # the words are read before any limit counts
    limit_memory(megabytes)
    for line in sys.stdin.buffer:
        limit_time(seconds)
        said = json.dumps(_answer(line))
        limit_time(0)
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()


def _answer(line: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(line)
        flags = field_flags(asked["field"], asked["text"], frozenset(asked["own"]))
    except MemoryError:
        return {"fault": "memory"}
    return {"flags": [flag.model_dump() for flag in flags]}


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
