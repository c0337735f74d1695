"""What the synthesis precomputes of a person: made once, kept with the photo, passed along; no fitting needs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from gateway_harness import Services, photo

from vfkit.contracts import GarmentKind, Stage

Start = Callable[..., httpx.Client]


def upload_person(gateway: httpx.Client) -> str:
    answer = gateway.post("/v1/people", files={"image": photo(1)}, headers={"Prefer": "wait=20"}).json()
    assert answer["state"] == "succeeded"
    return str(answer["id"])


def fit(gateway: httpx.Client, person: str, garment: int) -> dict[str, object]:
    form = {"person_id": person}
    files = {"garment": ("g.png", photo(garment))}
    answer = gateway.post("/v1/fittings", data=form, files=files, headers={"Prefer": "wait=20"})
    assert answer.json()["state"] == "succeeded", answer.text
    return dict(answer.json())


def test_a_person_is_prepared_once_for_all_garments(gateway: httpx.Client, services: Services, tmp_path: Path) -> None:
    services.set(Stage.HRVITON, precomputes=True)
    person = upload_person(gateway)
    assert services.stubs[Stage.HRVITON].precomputations == ["upper"]
    documents = [fit(gateway, person, garment) for garment in (2, 3)]
    assert services.stubs[Stage.HRVITON].precomputations == ["upper"]
    services.set(Stage.CLOTHMASK, fitted_as=GarmentKind.SKIRT)
    documents += [fit(gateway, person, garment) for garment in (4, 5)]
    assert services.stubs[Stage.HRVITON].precomputations == ["upper", "lower"]
    assert services.stubs[Stage.HRVITON].precomputed == [True] * 4
    assert not any("body.npz" in str(document) for document in documents), "a picture without clothes is not shown"
    assert gateway.get(f"/v1/people/{person}/artifacts/body.npz").status_code == 404
    assert list(tmp_path.rglob("body.npz"))
    assert gateway.delete(f"/v1/people/{person}").status_code == 204
    assert not list(tmp_path.rglob("body.npz"))


def test_a_new_version_precomputes_anew(start_gateway: Start, services: Services) -> None:
    services.set(Stage.HRVITON, precomputes=True)
    gateway = start_gateway(info_seconds=0)
    person = upload_person(gateway)
    services.set(Stage.HRVITON, version="2")
    fit(gateway, person, 2)
    assert services.stubs[Stage.HRVITON].precomputations == ["upper"] * 2


@pytest.mark.parametrize(("precomputes", "calls"), [(False, 0), (True, 2)], ids=["cannot", "fails"])
def test_a_person_who_is_not_prepared_is_fitted_all_the_same(
    gateway: httpx.Client, services: Services, precomputes: bool, calls: int
) -> None:
    services.set(Stage.HRVITON, precomputes=precomputes, precomputing="error")
    fit(gateway, upload_person(gateway), 2)
    assert services.stubs[Stage.HRVITON].precomputations == ["upper"] * calls
    assert services.stubs[Stage.HRVITON].precomputed == [False]
