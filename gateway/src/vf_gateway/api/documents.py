"""What the gateway answers: the JSON documents of its API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from vf_gateway import VERSION
from vf_gateway.access.names import BUYER_PATTERN, check_buyer
from vf_gateway.resources.states import State
from vf_gateway.stages.pipeline import StageState
from vf_gateway.stages.services import ServiceInfo
from vfkit.contracts import Category, KindReading, PhotoReading, Stage, ViewReading
from vfkit.pictures import DEFAULT_LIMITS, PictureKind
from vfkit.problems import ProblemDocument

_HEX = "0123456789abcdef0123456789abcdef"
_TIMES = {"created_at": "2026-01-31T09:00:00Z", "expires_at": "2026-02-01T09:00:00Z"}
_PHOTO_EXAMPLE: dict[str, Any] = {
    "id": f"per_{_HEX}", "state": "succeeded", "buyer": "u-4711", "reference": None, "width": 1200, "height": 1600,
    **_TIMES, "stages": {"openpose": {"state": "done", "cached": False, "started_ms": 1.2, "ms": 412.0}},
    "warnings": [{"stage": "openpose", "code": "head_cropped", "detail": "The head is cut by the frame."}],
    "problem": None, "artifacts": {"pose.png": f"/v1/people/per_{_HEX}/artifacts/pose.png"},
    "links": {"self": f"/v1/people/per_{_HEX}"},
}  # fmt: skip
_FITTING_EXAMPLE: dict[str, Any] = {
    "id": f"fit_{_HEX}", "state": "succeeded", "person_id": f"per_{_HEX}", "garment_id": f"gar_{_HEX}",
    **_TIMES, "finished_at": "2026-01-31T09:00:02Z", "wall_ms": 1830.4,
    "stages": {"hrviton": {"state": "done", "cached": False, "started_ms": 3.1, "ms": 1820.0}},
    "warnings": [], "problem": None, "artifacts": {"result.png": f"/v1/fittings/fit_{_HEX}/artifacts/result.png"},
    "links": {"self": f"/v1/fittings/fit_{_HEX}", "events": f"/v1/fittings/fit_{_HEX}/events"},
}  # fmt: skip

_GARMENT_EXAMPLE: dict[str, Any] = {
    "id": f"gar_{_HEX}", "state": "succeeded", "buyer": None, "reference": "sku-1", "category": "tops",
    "reading": {
        "kind": {"value": "top", "confidence": 0.97}, "photo": {"value": "flat", "confidence": 0.94},
        "view": {"value": "front", "confidence": 0.9},
    },
    "width": 900, "height": 1200, **_TIMES, "expires_at": None,
    "stages": {"clothmask": {"state": "done", "cached": False, "started_ms": 0.8, "ms": 640.0}},
    "warnings": [], "problem": None, "artifacts": {"cloth.png": f"/v1/garments/gar_{_HEX}/artifacts/cloth.png"},
    "links": {"self": f"/v1/garments/gar_{_HEX}"},
}  # fmt: skip
PHOTO_EXAMPLES = {PictureKind.PERSON: _PHOTO_EXAMPLE, PictureKind.GARMENT: _GARMENT_EXAMPLE}
"""A person and a garment as the API tells them."""

_COMPARISON_EXAMPLE: dict[str, Any] = {
    "id": f"cmp_{_HEX}", "state": "succeeded", "person_id": f"per_{_HEX}", "buyer": "u-4711",
    "created_at": _TIMES["created_at"], "fittings": [_FITTING_EXAMPLE],
    "links": {"self": f"/v1/comparisons/cmp_{_HEX}"},
}  # fmt: skip
_LINK = f"/v1/fittings/fit_{_HEX}/artifacts/result.png?key=key_1&expires=1785000000&signature=ab12..."
_LINKS_EXAMPLE: dict[str, Any] = {
    "expires_at": "2026-01-31T09:10:00Z", "events": f"/v1/fittings/fit_{_HEX}/events?key=key_1&expires=...",
    "artifacts": {"result.png": _LINK},
}  # fmt: skip
_WEBHOOK_EXAMPLE: dict[str, Any] = {
    "id": f"whk_{_HEX}", "url": "https://market.example/hooks", "types": ["fitting.succeeded"],
    "created_at": _TIMES["created_at"], "secret": "whsec_...",
}  # fmt: skip
_DELIVERY_EXAMPLE: dict[str, Any] = {
    "id": f"dlv_{_HEX}", "message_id": f"msg_{_HEX}", "type": "fitting.succeeded", "state": "delivered", "attempts": 1,
    "status": 204, "error": None, "created_at": _TIMES["created_at"], "delivered_at": "2026-01-31T09:00:01Z",
    "next_at": None,
}  # fmt: skip
_SYSTEM_EXAMPLE: dict[str, Any] = {
    "version": VERSION, "ready": True,
    "services": [
        {
            "stage": "parse", "available": True, "problem": None,
            "engine": {
                "name": "open", "description": "What it computes, and what it approximates.", "version": "1",
                "licence": "Apache-2.0", "device": "cpu", "dtype": "float32", "options": {},
                "weights": [
                    {
                        "file": "blazepose/pose_detection.tflite", "sha256": 2 * _HEX, "licence": "Apache-2.0",
                        "known": True,
                    }
                ],
            },
        }
    ],
}  # fmt: skip
EVENTS_EXAMPLE = (
    "event: stage\nid: 2\n"
    f'data: {{"fitting_id":"fit_{_HEX}","at":"2026-01-31T09:00:01+00:00","stage":"openpose","state":"done"}}\n\n'
)
"""One server-sent event of a fitting."""


def _shown(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": list(examples)})


BuyerName = Annotated[str, Field(json_schema_extra={"pattern": BUYER_PATTERN}), AfterValidator(check_buyer)]
"""A market's name for a buyer; one that is not valid raises a Problem, which says what is."""

Id = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[\x21-\x7e]+$")]

LONGEST_TEXT = 200
"""Characters of a market's own words."""

MOST_PICTURE_TEXT = 4 * (DEFAULT_LIMITS.max_bytes // 3 + 1) + 300
"""Characters of a data URI of the largest picture."""

WebhookType = Literal["fitting.succeeded", "fitting.failed", "fitting.cancelled", "fitting.selected"]


class StageDocument(BaseModel):
    """One stage of a fitting."""

    state: StageState
    cached: bool = Field(default=False, description="the kept pictures were used; no model ran")
    started_ms: float | None = Field(default=None, description="milliseconds after the fitting began to run")
    ms: float | None = Field(default=None, description="milliseconds the stage took")


class WarningDocument(BaseModel):
    """Something to know about a result that is given all the same."""

    stage: Stage | PictureKind = Field(
        description="the stage that warns; person or garment: of the photo itself, as it was uploaded"
    )
    code: str
    detail: str


class FittingLinks(BaseModel):
    """Where to go from a fitting."""

    self: str
    events: str
    person: str | None = None
    garment: str | None = None
    comparison: str | None = None
    result: str | None = None
    result_full: str | None = None
    grid: str | None = None


class FittingDocument(BaseModel):
    """One fitting."""

    model_config = _shown(_FITTING_EXAMPLE)

    id: str
    state: State
    person_id: str | None = Field(description="null when the photo's time is over")
    garment_id: str | None
    comparison_id: str | None = None
    buyer: str | None = None
    created_at: datetime
    finished_at: datetime | None = None
    selected_at: datetime | None = None
    expires_at: datetime | None = None
    wall_ms: float | None = Field(default=None, description="from the start of the first stage to the end of the last")
    stages: dict[Stage, StageDocument]
    warnings: list[WarningDocument] = []
    problem: ProblemDocument | None = Field(default=None, description="why it failed")
    artifacts: dict[str, str] = Field(default={}, description="file name to URL, for the pictures that are there")
    links: FittingLinks


class FittingPage(BaseModel):
    """Some fittings, newest first."""

    model_config = _shown({"items": [_FITTING_EXAMPLE], "next": None})

    items: list[FittingDocument]
    next: str | None = Field(default=None, description="cursor of the next page; null: this is the last")


class GarmentReading(BaseModel):
    """What a garment's photo shows; garment.json has more."""

    kind: KindReading
    photo: PhotoReading
    view: ViewReading


class PhotoDocument(BaseModel):
    """A person or a garment."""

    model_config = _shown(*PHOTO_EXAMPLES.values())

    id: str
    state: State = Field(description="of its preparation")
    buyer: str | None = None
    reference: str | None = Field(default=None, description="the market's own name for it")
    category: Category | None = Field(default=None, description="of a garment: what the market says that it sells")
    reading: GarmentReading | None = Field(default=None, description="of a garment that has been prepared")
    width: int
    height: int
    created_at: datetime
    expires_at: datetime | None = None
    stages: dict[Stage, StageDocument]
    warnings: list[WarningDocument] = []
    problem: ProblemDocument | None = Field(default=None, description="why it cannot be used")
    artifacts: dict[str, str] = Field(default={}, description="file name to URL, for the pictures that are there")
    links: dict[str, str]


class PhotoPage(BaseModel):
    """Some people or garments, newest first."""

    model_config = _shown({"items": [_PHOTO_EXAMPLE], "next": None})

    items: list[PhotoDocument]
    next: str | None = Field(default=None, description="cursor of the next page; null: this is the last")


class ComparisonDocument(BaseModel):
    """One person in many garments."""

    model_config = _shown(_COMPARISON_EXAMPLE)

    id: str
    state: State = Field(description="succeeded when at least one fitting did, and all have ended")
    person_id: str | None
    buyer: str | None = None
    created_at: datetime
    fittings: list[FittingDocument]
    links: dict[str, str]


_DATA_URI = "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ..."

PictureText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MOST_PICTURE_TEXT,
        json_schema_extra={"format": "uri"},
        description="where the picture is (http or https, on a public host), or the picture itself as a data URI in "
        "base64: JPEG, PNG, WebP or HEIC",
    ),
]


class PersonRequest(BaseModel):
    """A person's photo."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"image": "https://market.example/photos/4711.jpg", "buyer": "u-4711"}]},
    )

    image: PictureText
    buyer: BuyerName | None = None
    reference: str | None = Field(default=None, max_length=LONGEST_TEXT, description="the market's own name for it")


class GarmentRequest(PersonRequest):
    """A garment's photo."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"image": "https://market.example/listings/sku-1.jpg", "reference": "sku-1", "category": "tops"},
                {"image": _DATA_URI, "reference": "sku-1"},
            ]
        },
    )

    category: Category | None = Field(default=None, description="what is sold; auto: the photo decides")


class FittingRequest(BaseModel):
    """A fitting: its person and its garment are ids of things uploaded before, or pictures."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"person_id": f"per_{_HEX}", "garment_id": f"gar_{_HEX}"},
                {"person": _DATA_URI, "garment": "https://market.example/listings/sku-1.jpg", "category": "tops"},
            ],
            "allOf": [
                {"oneOf": [{"required": [name]}, {"required": [f"{name}_id"]}]} for name in ("person", "garment")
            ],
        },
    )

    person_id: Id | None = None
    garment_id: Id | None = None
    person: PictureText | None = None
    garment: PictureText | None = None
    buyer: BuyerName | None = None
    category: Category | None = Field(
        default=None, description="what is sold, with a garment's picture; auto: the photo decides"
    )


class ComparisonRequest(BaseModel):
    """A comparison of things uploaded before."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"person_id": f"per_{_HEX}", "garment_ids": [f"gar_{_HEX}"]}]}
    )

    person_id: Id
    garment_ids: list[Id] = Field(min_length=1, max_length=50)


class TokenRequest(BaseModel):
    """A token for one buyer."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"buyer": "u-4711", "expires_in": 900}]})

    buyer: BuyerName
    expires_in: int = Field(default=900, ge=1, le=86400, description="seconds; the installation may allow fewer")


class TokenDocument(BaseModel):
    """A buyer's token."""

    model_config = _shown({"token": "eyJhbGciOiJIUzI1NiJ9...", "expires_at": "2026-01-31T09:15:00Z"})

    token: str
    expires_at: datetime


class LinksRequest(BaseModel):
    """Signed links to a fitting's pictures."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"expires_in": 600}]})

    expires_in: int = Field(default=600, ge=1, le=86400, description="seconds; the installation may allow fewer")


class LinksDocument(BaseModel):
    """URLs that open without a credential until they expire."""

    model_config = _shown(_LINKS_EXAMPLE)

    expires_at: datetime
    events: str
    artifacts: dict[str, str]


class WebhookRequest(BaseModel):
    """Where to be told."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": "https://market.example/hooks", "types": ["fitting.succeeded"]}]},
    )

    url: str = Field(min_length=1, max_length=2000)
    types: list[WebhookType] = Field(default=[], max_length=8, description="empty: all")


class WebhookDocument(BaseModel):
    """A receiver of webhooks."""

    model_config = _shown(_WEBHOOK_EXAMPLE)

    id: str
    url: str
    types: list[str]
    created_at: datetime
    secret: str | None = Field(default=None, description="told once, when it is created; checks the signatures")


class DeliveryDocument(BaseModel):
    """One message to one receiver."""

    model_config = _shown(_DELIVERY_EXAMPLE)

    id: str
    message_id: str
    type: str
    state: str = Field(description="waiting, delivered or failed")
    attempts: int
    status: int | None = Field(description="the receiver's last HTTP status")
    error: str | None
    created_at: datetime
    delivered_at: datetime | None
    next_at: datetime | None


class SystemDocument(BaseModel):
    """What this installation runs: the six services with their engines, weights' digests and licences."""

    model_config = _shown(_SYSTEM_EXAMPLE)

    version: str
    ready: bool = Field(description="all six services answer")
    services: list[ServiceInfo]
