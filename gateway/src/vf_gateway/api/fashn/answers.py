"""What FASHN's API answers, and what its webhook is told."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from vf_gateway.access.signing import Secrets
from vf_gateway.api.fashn.errors import THEIRS, FailureName, RefusalName, Status, status_of
from vf_gateway.database.tables import Fitting, Prediction
from vf_gateway.resources.states import State
from vf_gateway.settings import Settings
from vfkit.problems import ProblemDocument

_ID = "fit_0123456789abcdef0123456789abcdef"
_LINK = f"https://fitting.example/v1/predictions/{_ID}/output_0.png?key=key_1&expires=1785000000&signature=ab12..."
_FAILED: dict[str, Any] = {
    "id": _ID, "status": "failed", "output": None,
    "error": {"name": "PoseError", "message": "No person was found in the photo."},
}  # fmt: skip


class RunDocument(BaseModel):
    """A prediction was accepted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": _ID, "error": None}]})

    id: str = Field(description="the id of a fitting: our own calls know it too")
    error: str | None = None


class PredictionError(BaseModel):
    """Why a prediction did not succeed."""

    name: FailureName
    message: str = Field(description="a sentence that may be shown to a buyer")


class StatusDocument(BaseModel):
    """Where a prediction is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": _ID, "status": "completed", "output": [_LINK], "error": None}, _FAILED],
        }
    )

    id: str
    status: Status
    output: list[str] | None = Field(default=None, description="a link that opens for a while, or a data URI")
    error: PredictionError | None = None


class RefusalDocument(ProblemDocument):
    """A refused request: a problem document with the two members that FASHN's clients read."""

    error: RefusalName
    message: str


def output_path(prediction: Prediction) -> str:
    """Where a prediction's picture is."""
    return f"/v1/predictions/{prediction.fitting_id}/output_0.{prediction.output_format}"


def output_link(prediction: Prediction, base_url: str, signer: Secrets, settings: Settings) -> str:
    """The address of a prediction's picture, which opens without a credential for a while."""
    return base_url + signer.sign_link(output_path(prediction), prediction.key_id, settings.link_seconds)


def status_document(fitting: Fitting, output: list[str] | None) -> StatusDocument:
    """A fitting as FASHN's API tells it.

    Args:
        fitting: as it is now.
        output: its picture, when it has succeeded.
    """
    problem = ProblemDocument.model_validate(fitting.problem) if fitting.problem else None
    state = State(fitting.state)
    return StatusDocument(
        id=fitting.id,
        status=status_of(state, problem.code if problem else None),
        output=output if state is State.SUCCEEDED else None,
        error=PredictionError(name=THEIRS[problem.code].failure, message=problem.detail) if problem else None,
    )


def prediction_message(fitting: Fitting, prediction: Prediction, signer: Secrets, settings: Settings) -> str:
    """What the webhook of a prediction is told, made anew for each try so that its link is fresh."""
    link = output_link(prediction, prediction.base_url, signer, settings)
    return status_document(fitting, [link]).model_dump_json()
