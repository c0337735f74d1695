"""Every deletion and every change of a credential leaves a line, without pictures or names."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from gateway_harness import photo

Start = Callable[..., httpx.Client]
WAIT = {"Prefer": "wait=20"}
BUYER = "anna.of.elsewhere"


def audit(data: Path) -> list[dict[str, Any]]:
    with sqlite3.connect(data / "gateway.sqlite") as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM audit ORDER BY at")]


def keys(data: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "vf_gateway", "keys", *arguments]
    done = subprocess.run(command, env={"VF_DATA": str(data)}, capture_output=True, text=True, check=True)
    return done.stdout


def test_what_is_deleted_is_audited(start_gateway: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"
    gateway = start_gateway(local=False, data=data)
    key = json.loads(keys(data, "create", "backend", "--market", "shop"))
    backend = {"Authorization": f"Bearer {key['key']}"}
    token = gateway.post("/v1/tokens", json={"buyer": BUYER}, headers=backend).json()["token"]
    buyer = {"Authorization": f"Bearer {token}"}

    def upload(kind: str, seed: int) -> str:
        answer = gateway.post(f"/v1/{kind}", files={"image": photo(seed)}, headers={**buyer, **WAIT})
        return str(answer.json()["id"])

    person, garment = upload("people", 1), upload("garments", 2)
    pair = {"person_id": person, "garment_id": garment}
    fittings = [gateway.post("/v1/fittings", json=pair, headers={**buyer, **WAIT}).json()["id"] for _ in range(2)]
    many = {"person_id": person, "garment_ids": [garment]}
    comparison = gateway.post("/v1/comparisons", json=many, headers={**buyer, **WAIT}).json()["id"]
    for path in (f"fittings/{fittings[0]}", f"comparisons/{comparison}", f"people/{person}"):
        assert gateway.delete(f"/v1/{path}", headers=buyer).status_code == 204
    assert gateway.delete(f"/v1/garments/{garment}", headers=backend).status_code == 204
    keys(data, "revoke", key["id"])

    lines = audit(data)
    assert [(line["action"], line["subject"]) for line in lines] == [
        ("key.create", key["id"]),
        ("fitting.delete", fittings[0]),
        ("comparison.delete", comparison),
        ("person.delete", person),
        ("garment.delete", garment),
        ("key.revoke", key["id"]),
    ]
    assert json.loads(lines[3]["detail"]) == {"fittings": 1}
    assert {line["market"] for line in lines} == {"shop"}
    assert [line["actor"].partition(":")[0] for line in lines] == ["cli", "buyer", "buyer", "buyer", "key", "cli"]
    assert BUYER not in json.dumps(lines), "a buyer appears only as a digest"
    deleted = gateway.get("/metrics").text
    assert 'vf_deletions_total{action="person.delete"} 1.0' in deleted


def test_what_retention_removes_is_audited(start_gateway: Start, tmp_path: Path) -> None:
    gateway = start_gateway(people_hours=5e-4, garments_days=2e-5, fittings_days=3e-5, sweep_seconds=0.3)
    files = {"person": photo(1), "garment": photo(2)}
    made = gateway.post("/v1/fittings", files=files, headers=WAIT).json()
    subjects = {
        ("person.expire", made["person_id"]), ("garment.expire", made["garment_id"]), ("fitting.expire", made["id"])
    }  # fmt: skip
    until = time.monotonic() + 20
    while not subjects <= {(line["action"], line["subject"]) for line in audit(tmp_path / "data")}:
        assert time.monotonic() < until, audit(tmp_path / "data")
        time.sleep(0.2)
    assert {line["actor"] for line in audit(tmp_path / "data")} == {"key:retention"}
