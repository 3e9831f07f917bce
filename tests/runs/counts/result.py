from __future__ import annotations

from typing import Any

from core.runs.result import Result


class CountsResult(Result):
    totals: dict[str, int]
    failed: dict[str, str]

    @property
    def scores(self) -> Any:
        return {"totals": self.totals, "failed": self.failed}

    @property
    def headline(self) -> str:
        return f"{len(self.totals)} counted"
