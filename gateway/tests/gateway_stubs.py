"""The six services, without models: answers at once, counts its calls, and misbehaves on request.

One server plays all six under a path each (``/openpose``, ...). ``POST /control/{stage}`` sets a mode:
``ok``, ``slow`` (seconds), ``hang``, ``error`` (500), ``garbage``, ``die`` (cuts the answer), ``busy`` (503), or
``problem`` (a code). Run alone: ``python gateway_stubs.py PORT [--host ADDRESS] [--one-colour] [--seconds S]``.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import hashlib
import io
import json
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.responses import StreamingResponse

from vfkit.contracts import (
    CONTRACTS,
    HEIGHT,
    WIDTH,
    Artifact,
    Category,
    GarmentDocument,
    GarmentKind,
    GarmentLandmark,
    GarmentView,
    Joint,
    KindReading,
    LandmarkReading,
    PhotoKind,
    PhotoReading,
    Stage,
    StageContract,
    Straightening,
    ViewReading,
    Visibility,
)
from vfkit.pictures import encode_labels, encode_mask, encode_png
from vfkit.problems import Code, Problem

MASKS = {Artifact.CLOTH_MASK, Artifact.WARPED_MASK}
LABELS = {Artifact.PARSE, Artifact.PARSE_AGNOSTIC, Artifact.GARMENT_PARTS}


@functools.lru_cache(maxsize=512)
def picture(artifact: str, colour: tuple[int, int, int]) -> bytes:
    if artifact in MASKS:
        return encode_mask(np.full((HEIGHT, WIDTH), 255, np.uint8))
    if artifact in LABELS:
        return encode_labels(np.full((HEIGHT, WIDTH), colour[0] % 20, np.uint8))
    return encode_png(np.full((HEIGHT, WIDTH, 3), colour, np.uint8))


LEGS = {Joint.R_KNEE, Joint.L_KNEE, Joint.R_ANKLE, Joint.L_ANKLE}


@dataclass(frozen=True)
class Stance:
    """How people stand.

    Attributes:
        shoulders: their width in heights, negative for whoever shows her back.
        legs: whether they are seen.
    """

    shoulders: float = 0.19
    legs: bool = True


FRONTAL = Stance()


def pose(people: list[float], stance: Stance) -> bytes:
    """One person per height in pixels."""

    def body(height: float) -> list[float]:
        values = []
        for joint in Joint:
            side = {"R": -0.5, "L": 0.5}.get(joint.name.split("_")[0], 0.0)
            seen = stance.legs or joint not in LEGS
            values += [300 + side * stance.shoulders * height, 20 + height * joint / 24, 0.9] if seen else [0.0] * 3
        return values

    return json.dumps({"version": 1.3, "people": [{"pose_keypoints_2d": body(height)} for height in people]}).encode()


def garment(category: str, fitted_as: GarmentKind) -> bytes:
    """A garment on a bed."""
    return (
        GarmentDocument(
            kind=KindReading(value=GarmentKind.TOP, confidence=0.9),
            photo=PhotoReading(value=PhotoKind.FLAT, confidence=0.8),
            view=ViewReading(value=GarmentView.FRONT, confidence=0.7),
            category=Category(category),
            fitted_as=fitted_as,
            landmarks=[
                LandmarkReading(name=mark.name.lower(), x=1, y=1, visibility=Visibility.ABSENT, confidence=1)
                for mark in GarmentLandmark
            ],
            straightened=Straightening(rotation=0, scale=1, matrix=((1, 0, 0), (0, 1, 0))),
        )
        .model_dump_json()
        .encode()
    )


@dataclass
class Stub:
    """The state of one stub service."""

    mode: str = "ok"
    seconds: float = 0.0
    code: str = Code.NO_PERSON_FOUND.value
    times: int | None = None
    """The mode lasts this many calls; None: until changed."""
    version: str = "1"
    fitted_as: GarmentKind = GarmentKind.TOP
    precomputes: bool = False
    precomputing: str = "ok"
    precomputations: list[str] = field(default_factory=list)
    """What each was told."""
    precomputed: list[bool] = field(default_factory=list)
    """Of each call that may bring what was precomputed: whether it did."""
    people: list[float] = field(default_factory=lambda: [900.0])
    stance: Stance = FRONTAL
    warnings: list[dict[str, str]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    headers: list[dict[str, str]] = field(default_factory=list)
    running: int = 0
    most_running: int = 0


def create_stub(one_colour: bool = False, seconds: float = 0.0) -> FastAPI:
    """All six stubs as one application.

    Args:
        one_colour: every picture is the same, for benchmarks.
        seconds: how long every call takes from the start.
    """
    app = FastAPI()
    stubs = {stage: Stub(mode="slow" if seconds else "ok", seconds=seconds) for stage in Stage}
    app.state.stubs = stubs

    @app.post("/reset")
    async def reset() -> dict[str, Any]:
        stubs.update({stage: Stub() for stage in Stage})
        return {}

    @app.post("/control/{stage}")
    async def control(stage: Stage, request: Request) -> dict[str, Any]:
        for name, value in (await request.json()).items():
            setattr(stubs[stage], name, value)
        return {}

    @app.get("/calls")
    async def calls() -> dict[str, dict[str, int]]:
        return {stage.value: dict(stub.calls) for stage, stub in stubs.items()}

    @app.get("/running")
    async def running() -> dict[str, int]:
        return {stage.value: stub.running for stage, stub in stubs.items()}

    @app.get("/{stage}/v1/info")
    async def info(stage: Stage) -> dict[str, Any]:
        if stubs[stage].mode == "down":
            raise_unavailable()
        weights = [{"file": "stub.bin", "sha256": "00" * 32, "licence": "CC0-1.0", "known": True}]
        return {
            "stage": stage.value,
            "engine": {
                "name": "open", "description": "A stub.", "version": stubs[stage].version, "licence": "Apache-2.0",
                "weights": weights, "precomputes": stubs[stage].precomputes,
            },
        }  # fmt: skip

    @app.post("/{stage}/{path:path}")
    async def run(stage: Stage, path: str, request: Request) -> Response:
        stub = stubs[stage]
        contract = CONTRACTS[stage]
        if contract.precomputation and stub.precomputes and "/" + path == contract.precomputation.path:
            return await precompute(stub, contract.precomputation, request)
        if "/" + path != contract.path:
            return JSONResponse({}, 404)
        form = await request.form()
        if contract.precomputation:
            stub.precomputed.append(contract.precomputed in form)
        missing = set(contract.fields) - set(form)
        if missing:
            return JSONResponse(Problem(Code.INVALID_REQUEST).document().model_dump(mode="json"), 422)
        sha = hashlib.sha256()
        for name in contract.fields:
            sha.update(await form[name].read())  # type: ignore[union-attr]
        words = {name: str(form[name]) for name in contract.words}
        sha.update(json.dumps(words).encode())
        key = sha.hexdigest()
        stub.calls[key] += 1
        stub.headers.append(dict(request.headers))
        mode = stub.mode
        if stub.times is not None:
            stub.times -= 1
            if stub.times < 0:
                mode = "ok"
        stub.running += 1
        stub.most_running = max(stub.most_running, stub.running)
        try:
            return await answer(stub, stage, mode, b"same" if one_colour else sha.digest(), words)
        finally:
            stub.running -= 1

    return app


async def precompute(stub: Stub, contract: StageContract, request: Request) -> Response:
    """What a service makes of a photo alone."""
    form = await request.form()
    content = b"".join([await form[name].read() for name in contract.fields])  # type: ignore[union-attr]
    stub.precomputations.append(str(form["clothes"]))
    if stub.precomputing == "error":
        return Response("Traceback: secret", 500)
    return Response(hashlib.sha256(content).digest(), media_type="application/octet-stream")


def raise_unavailable() -> None:
    raise RuntimeError("down")


async def answer(stub: Stub, stage: Stage, mode: str, key: bytes, words: dict[str, str]) -> Response:
    if mode == "hang":
        await asyncio.sleep(3600)
    if mode == "slow":
        await asyncio.sleep(stub.seconds)
    if mode == "error":
        return Response("Traceback: secret", 500)
    if mode == "garbage":
        return Response(b"PK\x03\x04 nonsense", media_type="application/zip")
    if mode == "busy":
        problem = Problem(Code.OVERLOADED).document().model_dump(mode="json")
        return JSONResponse(problem, 503, headers={"Retry-After": "0"}, media_type="application/problem+json")
    if mode == "problem":
        refused = Problem(Code(stub.code), "Not this one.")
        return JSONResponse(
            refused.document().model_dump(mode="json"), refused.status, media_type="application/problem+json"
        )
    contract = CONTRACTS[stage]
    colour = (key[0], key[1], key[2])
    documents = {
        Artifact.POSE_JSON: lambda: pose(stub.people, stub.stance),
        Artifact.GARMENT_JSON: lambda: garment(words["category"], stub.fitted_as),
    }
    files = {
        artifact: documents[artifact]() if artifact in documents else picture(artifact.value, colour)
        for artifact in contract.returns
    }
    headers = {"VF-Warnings": json.dumps(stub.warnings)} if stub.warnings else {}
    if len(files) == 1:
        content, media_type = next(iter(files.values())), "image/png"
    else:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for artifact, file in files.items():
                archive.writestr(artifact.value, file)
        content, media_type = buffer.getvalue(), "application/zip"
    if mode == "die":

        async def half() -> Any:
            yield content[: len(content) // 2]
            raise RuntimeError("died")

        return StreamingResponse(half(), headers={"content-length": str(len(content))}, media_type=media_type)
    return Response(content, headers=headers, media_type=media_type)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--one-colour", action="store_true")
    parser.add_argument("--seconds", type=float, default=0.0)
    options = parser.parse_args()
    uvicorn.run(
        create_stub(options.one_colour, options.seconds), host=options.host, port=options.port, log_level="error"
    )
