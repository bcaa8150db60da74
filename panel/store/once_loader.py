"""YAML's safe subset with each key once: of two, YAML would take the last without a word."""

from collections.abc import Iterable
from typing import Any

import yaml

from panel.domain.json_answer import repeated
from panel.yaml_loader import SAFE_LOADER


class OnceLoader(SAFE_LOADER):  # type: ignore[misc]  # it is one of two classes
    """The safe loader with each key once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT002 - yaml's own
        """Return the mapping of `node`. Raises ValueError for a key that stands twice."""
        refuse_twice(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        fields: dict[Any, Any] = super().construct_mapping(node, deep)
        return fields


def refuse_twice(keys: Iterable[str]) -> None:
    """Raise ValueError for a key that stands twice among `keys`."""
    if (twice := repeated(keys)) is not None:
        raise ValueError(f"the key {twice!r:.40} stands twice")
