"""Fittings that were asked for in FASHN's words: how each is to be answered."""

from __future__ import annotations

from dataclasses import dataclass

from vf_gateway.database.engine import Database
from vf_gateway.database.tables import Prediction
from vfkit.problems import Code, Problem


@dataclass(frozen=True)
class Predictions:
    """Finds predictions; they are written, and go, with their fittings."""

    database: Database

    async def get(self, fitting_id: str) -> Prediction:
        """How a fitting is to be answered. Raises Problem (``not_found``)."""
        async with self.database.read() as session:
            prediction = await session.get(Prediction, fitting_id)
        if prediction is None:
            raise Problem(Code.NOT_FOUND, "There is no such prediction.")
        return prediction
