"""How runs of the pipeline stand in the rows of photos and fittings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vf_gateway.resources.states import State
from vf_gateway.stages.pipeline import STAGES_OF, Outcome, StageRecord
from vfkit.contracts import Stage
from vfkit.pictures import PictureKind
from vfkit.problems import OF_THE_PHOTO, Problem


def stage_columns(stages: Iterable[Stage]) -> dict[str, Any]:
    """Stages that have not begun."""
    return {stage.value: record_column(StageRecord()) for stage in stages}


def outcome_columns(outcome: Outcome) -> dict[str, Any]:
    """A run that succeeded; one with a synthesis is a fitting's."""
    synthesis = outcome.entries.get(Stage.HRVITON)
    result = {"result_entry": f"{synthesis.scope}/{synthesis.key}"} if synthesis else {}
    return result | {
        "state": State.SUCCEEDED.value,
        "entries": {stage.value: [entry.scope, entry.key] for stage, entry in outcome.entries.items()},
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


def photo_columns(kind: PictureKind, fitting: Mapping[str, Any]) -> dict[str, Any]:
    """What a fitting's columns tell of a photo that came with it; empty: nothing."""
    names = {stage.value for stage in STAGES_OF[kind]}
    stages = {name: stage for name, stage in fitting["stages"].items() if name in names}
    problem = fitting["problem"]
    if problem is None:
        return {
            "state": State.SUCCEEDED.value,
            "entries": {name: entry for name, entry in fitting["entries"].items() if name in names},
            "warnings": [warning for warning in fitting["warnings"] if warning["stage"] in names],
            "stages": stages,
        }
    if problem["stage"] in names and problem["code"] in OF_THE_PHOTO:
        return {"state": State.FAILED.value, "problem": dict(problem), "stages": stages}
    return {}
