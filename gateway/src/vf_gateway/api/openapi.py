"""The OpenAPI document, without what FastAPI describes by itself and is never answered."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from vf_gateway.api.answers import PROBLEM_TYPE

_INVALID = "#/components/schemas/HTTPValidationError"


def correct_document(app: FastAPI) -> None:
    """Problems are answered as problem+json alone, and what is not valid is one of them."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        for methods in document["paths"].values():
            for operation in methods.values():
                operation["responses"] = _answered(operation["responses"])
        for name in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(name, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way of changing the document


def _answered(responses: dict[str, Any]) -> dict[str, Any]:
    for response in responses.values():
        if PROBLEM_TYPE in response.get("content", {}):
            response["content"].pop("application/json", None)
    return {status: response for status, response in responses.items() if not _is_fastapis(response)}


def _is_fastapis(response: dict[str, Any]) -> bool:
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return bool(schema.get("$ref") == _INVALID)
