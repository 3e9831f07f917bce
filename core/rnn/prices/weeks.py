"""Weekly bars, made of daily ones."""

from __future__ import annotations

import numpy as np

WEEKS = "weeks are made of daily prices"
OF_A_WEEK = {"high": np.maximum, "low": np.minimum, "volume": np.add}
