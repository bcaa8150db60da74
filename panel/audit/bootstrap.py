"""The bootstrap over tools: how far a figure would move with other tools of the same kind.

Tools are drawn with replacement, never votes: the votes on one tool are not independent (Efron and
Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13: the percentile interval). The seed is
fixed, so that an audit of the same runs says the same.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DRAWS: Final = 1_000
SEED: Final = 20_261_130
_ENDS: Final = (2.5, 97.5)
_AT_ONCE: Final = 20_000
"""Tools drawn at once: 160 kB, and too few for NumPy to begin threads for a product."""


def resampled_sums(features: Floats) -> Floats:
    """Return the sums of the columns of `features`, one row a tool, for each of 1,000 samples.

    Shape: (1000, columns). A figure that is a function of sums needs nothing else.
    """
    random = np.random.default_rng(SEED)
    number = len(features)
    sums = np.empty((DRAWS, features.shape[1]))
    samples = max(1, _AT_ONCE // max(1, number))
    for first in range(0, DRAWS, samples):
        some = sums[first : first + samples]
        places = random.integers(0, number, (len(some), number))
        places += number * np.arange(len(some))[:, None]  # each sample counts tools of its own
        times = np.bincount(places.ravel(), minlength=places.size).reshape(places.shape)
        some[:] = times.astype(float) @ features
    return sums


def percentile_interval(values: Floats) -> tuple[float, float] | None:
    """Return the middle 95 % of `values`; None where a tenth of them or more is not defined."""
    finite = values[np.isfinite(values)]
    if len(finite) <= len(values) * 0.9:
        return None
    low, high = np.percentile(finite, _ENDS)
    return float(low), float(high)
