"""What FASHN's API is asked: its parameters, and which of them mean something here."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_serializer

from vf_gateway.api.documents import PictureText
from vfkit.contracts import Category
from vfkit.problems import Code, Problem

MODEL = "tryon-v1.6"

IMAGES = {"model_image", "garment_image"}


class TryOnOptions(BaseModel):
    """The parameters of a prediction besides its pictures."""

    category: Category = Field(default=Category.AUTO, description="what the garment is; auto: its photo decides")
    garment_photo_type: Literal["auto", "flat-lay", "model"] = Field(
        default="auto", description="`model`, a garment that somebody wears, is refused"
    )
    mode: Literal["performance", "balanced", "quality"] = Field(
        default="balanced", description="accepted; there is one quality"
    )
    num_samples: int = Field(default=1, ge=1, le=4, description="more than 1 is refused: the result is always the same")
    seed: int = Field(default=42, ge=0, le=2**32 - 1, description="accepted; the result is always the same")
    output_format: Literal["png", "jpeg"] = "png"
    return_base64: bool = Field(default=False, description="the picture itself instead of a link; not with a webhook")
    segmentation_free: bool = Field(default=True, description="accepted; the garment that was worn is always removed")
    moderation_level: Literal["conservative", "permissive", "none"] | None = Field(
        default=None, description="nothing is moderated here: `conservative` and `permissive` are refused"
    )


class TryOnInputs(TryOnOptions):
    """The pictures and parameters of a prediction."""

    model_config = ConfigDict(extra="forbid")

    model_image: PictureText
    garment_image: PictureText


class RunRequest(BaseModel):
    """One prediction."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "model_name": MODEL,
                    "inputs": {
                        "model_image": "https://market.example/photos/4711.jpg",
                        "garment_image": "https://market.example/listings/sku-1.jpg",
                        "category": "tops",
                    },
                }
            ]
        },
    )

    model_name: str = Field(max_length=100, json_schema_extra={"const": MODEL})
    inputs: TryOnInputs

    @model_serializer
    def flat(self) -> dict[str, Any]:
        """As a form has it: one level."""
        return {"model_name": self.model_name, **self.inputs.model_dump(mode="json")}


def require_supported(model_name: str, options: TryOnOptions, webhook_url: str | None) -> None:
    """Raises Problem (``invalid_request``) that names what this installation does not have."""
    if model_name != MODEL:
        raise Problem(Code.INVALID_REQUEST, f"model_name: only {MODEL} is known here.")
    if options.num_samples > 1:
        raise Problem(Code.INVALID_REQUEST, "inputs.num_samples: one picture is made of each request, ask for 1.")
    if options.garment_photo_type == "model":
        raise Problem(
            Code.INVALID_REQUEST,
            "inputs.garment_photo_type: photos of somebody wearing the garment cannot be used here.",
        )
    if options.moderation_level in ("conservative", "permissive"):
        raise Problem(
            Code.INVALID_REQUEST,
            "inputs.moderation_level: content is not moderated here. Leave it out, or send none.",
        )
    if options.return_base64 and webhook_url is not None:
        raise Problem(Code.INVALID_REQUEST, "inputs.return_base64: a webhook is sent a link. Leave one of the two out.")
