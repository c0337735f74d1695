"""How runs of the pipeline stand in columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vf_gateway.api.documents import State
from vf_gateway.stages.pipeline import Outcome, StageRecord
from vfkit.contracts import Stage
from vfkit.problems import Problem


def stage_columns(stages: Iterable[Stage]) -> dict[str, Any]:
    """Stages that have not begun."""
    return {stage.value: record_column(StageRecord()) for stage in stages}


def entry_columns(outcome: Outcome) -> dict[str, Any]:
    """Where the pictures of a run are: stage to scope and key."""
    return {stage.value: [entry.scope, entry.key] for stage, entry in outcome.entries.items()}


def outcome_columns(outcome: Outcome) -> dict[str, Any]:
    """A run that succeeded."""
    return {
        "state": State.SUCCEEDED.value,
        "entries": entry_columns(outcome),
        "warnings": [
            {"stage": stage.value, "code": warning.code, "detail": warning.detail}
            for stage, warning in outcome.warnings
        ],
        "problem": None,
        "stages": record_columns(outcome.records),
    }


def record_columns(records: Mapping[Stage, StageRecord]) -> dict[str, Any]:
    """Stages as they are."""
    return {stage.value: record_column(record) for stage, record in records.items()}


def record_column(record: StageRecord) -> dict[str, Any]:
    """One stage as it is now (a shallow copy: `dataclasses.asdict` costs thirty times as much)."""
    return dict(vars(record))


def problem_columns(problem: Problem) -> dict[str, Any]:
    """A run that failed."""
    return {"state": State.FAILED.value, "problem": problem.document().model_dump(mode="json")}
