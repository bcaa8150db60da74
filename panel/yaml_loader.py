"""The quickest of PyYAML's safe loaders that is there: libyaml takes a tenth of Python's time."""

from typing import Any, Final

import yaml

SAFE_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(text: str) -> Any:  # noqa: ANN401 - any YAML value
    """Return the value that `text` is, of YAML's safe subset. Raises yaml.YAMLError.

    >>> from panel.yaml_loader import load_yaml
    >>> load_yaml("- 1")
    [1]
    """
    return yaml.load(text, Loader=SAFE_LOADER)  # noqa: S506 - either is a safe one
