"""The command line's own answers: exit codes, messages, JSON; nothing here starts a service."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vf_cli import stack
from vf_cli.commands import app
from vf_cli.engines import choose_engines
from vf_cli.output import CommandError, Exit
from vf_cli.testing import Part, summary
from vfkit.contracts import Stage
from vfkit.weights import Author, Url, WeightFile

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def vf(monkeypatch, tmp_path: Path):
    """Calls `vf`, away from any gateway and any weights of this machine."""
    monkeypatch.setenv("VF_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.delenv("VF_GATEWAY", raising=False)
    monkeypatch.setattr("vf_cli.sessions.find_gateway", lambda: None)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("command", ["fit", "compare", "preprocess", "up", "serve", "doctor", "bench", "test"])
def test_every_command_has_help_with_exit_codes_where_it_fails(vf, command: str) -> None:
    done = vf(command, "--help")
    assert done.exit_code == 0
    if command in ("fit", "compare", "preprocess", "up", "serve", "test"):
        assert "Examples:" in done.stdout
        assert "Exit codes: 0 done" in done.stdout


def test_a_photo_that_is_not_there_is_usage(vf, tmp_path: Path) -> None:
    done = vf("fit", "--person", tmp_path / "me.jpg", "--garment", tmp_path / "top.jpg", "--json")
    assert done.exit_code == Exit.USAGE
    assert "me.jpg is not a file" in json.loads(done.stdout)["error"]


def test_reference_says_exactly_which_files_are_missing(vf, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.touch()
    done = vf("fit", "--person", photo, "--garment", photo, "--engine", "reference", "--json")
    assert done.exit_code == Exit.SYSTEM
    error = json.loads(done.stdout)["error"]
    for path in (
        "openpose/pose_iter_584000.caffemodel", "parse/CIHP_pgn", "densepose/model_final_162be9.pkl",
        "clothmask/tracer_b7.pth", "clothmask/fba_matting.pth", "hrviton/mtviton.pth", "hrviton/gen.pth",
    ):  # fmt: skip
        assert path in error


def test_a_run_that_is_refused_fetches_nothing(vf, monkeypatch, tmp_path: Path) -> None:
    fetched: list[str] = []
    monkeypatch.setattr(
        "vfkit.weights.fetch", lambda root, files, progress: fetched.extend(file.path for file in files)
    )
    photo = tmp_path / "photo.jpg"
    photo.touch()
    done = vf("fit", "--person", photo, "--garment", photo, "--engine", "parse=reference", "--json")
    assert done.exit_code == Exit.SYSTEM
    assert "parse/CIHP_pgn" in json.loads(done.stdout)["error"]
    assert fetched == []


def test_what_only_a_setting_asks_for_is_fetched_on_request(vf, monkeypatch) -> None:
    heavy = "blazepose/pose_landmark_heavy.tflite"
    monkeypatch.setattr("vf_cli.weights.require", lambda *_: None)
    monkeypatch.setattr("vfkit.weights.fetch", lambda root, files, progress: [file.path for file in files])
    assert heavy not in json.loads(vf("weights", "fetch", "--json").stdout)
    assert heavy in json.loads(vf("weights", "fetch", "--optional", "--json").stdout)


@pytest.fixture
def publisher(monkeypatch) -> Iterator[list[str]]:
    """The reference engine's files are one with an address here and one that has to be downloaded by hand."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"weights")

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        place = Url(f"http://127.0.0.1:{server.server_port}/file")
        digest = f"sha512:{hashlib.sha512(b'weights').hexdigest()}"
        files = (
            WeightFile("parse/a", (Stage.PARSE,), "reference", "for research only", place, published=digest),
            WeightFile("parse/b", (Stage.PARSE,), "reference", "CC-BY-NC-4.0", Author("Google Drive, folder 1")),
        )
        monkeypatch.setattr(sys.modules["vfkit.weights.manifest"], "MANIFEST", files)
        yield asked
        server.shutdown()


def test_reference_weights_come_once_their_licences_are_accepted(vf, publisher, tmp_path: Path) -> None:
    refused = vf("weights", "fetch", "--engine", "reference", "--json")
    assert refused.exit_code == Exit.USAGE
    assert "--accept-licences" in json.loads(refused.stdout)["error"]
    assert "parse/a: for research only" in refused.stderr
    assert publisher == []
    for _ in range(2):
        done = vf("weights", "fetch", "--engine", "reference", "--accept-licences", "--json")
        assert done.exit_code == Exit.SYSTEM
        told = json.loads(done.stdout)["error"]
        assert "parse/b" in told and "by hand" in told and "Google Drive, folder 1" in told
        assert "parse/a" not in told
    assert publisher == ["/file"]
    (tmp_path / "weights/parse/b").write_bytes(b"from Google Drive")
    done = vf("weights", "fetch", "--engine", "reference", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, []), "what is there asks for no consent"
    states = {entry["path"]: entry["state"] for entry in json.loads(vf("weights", "verify", "--json").stdout)}
    assert states == {"parse/a": "present", "parse/b": "unknown digest"}


def test_weights_are_listed_with_source_licence_and_state(vf) -> None:
    done = vf("weights", "list", "--json", "--engine", "open")
    assert done.exit_code == 0
    files = json.loads(done.stdout)
    assert all(file["state"] == "missing" and file["licence"] and file["source"] and file["sha256"] for file in files)


def test_a_damaged_weight_file_is_told(vf, tmp_path: Path) -> None:
    damaged = tmp_path / "weights/clothmask/u2net.onnx"
    damaged.parent.mkdir(parents=True)
    damaged.write_text("not a network")
    assert vf("weights", "verify", "--engine", "open").exit_code == Exit.SYSTEM


def test_reference_files_are_pinned_and_every_other_is_told_from_then_on(vf, tmp_path: Path) -> None:
    place = tmp_path / "weights/hrviton/gen.pth"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"numbers")

    def gen() -> dict[str, object]:
        files = json.loads(vf("weights", "verify", "--json").stdout)
        return next(file for file in files if file["path"] == "hrviton/gen.pth")

    before = gen()
    assert (before["state"], before["recorded"]) == ("unknown digest", None)
    assert before["found_sha256"] in vf("weights", "verify").stdout
    written = vf("weights", "verify", "--engine", "reference", "--write")
    assert written.exit_code == 0
    assert f"recorded by weights.lock: sha256 {before['found_sha256']}" in written.stdout
    assert f"{before['found_sha256']}  hrviton/gen.pth\n" in (tmp_path / "weights/weights.lock").read_text()
    assert gen()["state"] == "present"

    place.write_bytes(b"other numbers")
    assert gen()["state"] == "damaged"
    lock = (tmp_path / "weights/weights.lock").read_text()
    assert vf("weights", "verify", "--write").exit_code == Exit.SYSTEM
    assert (tmp_path / "weights/weights.lock").read_text() == lock
    checks = {check["name"]: check for check in json.loads(vf("doctor", "--json").stdout)}
    assert checks["hrviton/gen.pth"]["found"] == "there"  # a quick look reads no file


def test_pins_are_kept_when_more_are_added(vf, tmp_path: Path) -> None:
    for path in ("hrviton/gen.pth", "parse/CIHP_pgn/model.index"):
        place = tmp_path / "weights" / path
        place.parent.mkdir(parents=True)
        place.write_bytes(b"numbers")
        assert vf("weights", "verify", "--engine", "reference", "--write").exit_code == 0
    (tmp_path / "weights/hrviton/gen.pth").unlink()
    assert vf("weights", "verify", "--write").exit_code == 0
    lock = (tmp_path / "weights/weights.lock").read_text()
    assert "  hrviton/gen.pth\n" in lock and "  parse/CIHP_pgn\n" in lock


def test_a_lock_that_cannot_be_read_is_told(vf, tmp_path: Path) -> None:
    lock = tmp_path / "weights/weights.lock"
    lock.parent.mkdir()
    lock.write_text("hrviton/gen.pth\n")
    done = vf("weights", "list", "--json")
    assert done.exit_code == Exit.SYSTEM
    assert "Line 1 of weights.lock" in json.loads(done.stdout)["error"]


def test_unknown_engine_and_service_are_usage(vf) -> None:
    assert vf("weights", "list", "--engine", "magic").exit_code == Exit.USAGE
    assert vf("serve", "hologram").exit_code == Exit.USAGE


def test_doctor_tells_what_is_missing_and_how_to_mend_it(vf) -> None:
    done = vf("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(done.stdout)}
    assert checks["clothmask/u2net.onnx"]["state"] == "note"
    assert "vf weights fetch" in checks["clothmask/u2net.onnx"]["mend"]
    assert "machine" in checks


def doctors_gateway(vf) -> dict[str, str]:
    checks = {check["name"]: check for check in json.loads(vf("doctor", "--json").stdout)}
    return checks["gateway"]


def test_doctor_tells_somebody_elses_gateway_from_none(vf, monkeypatch, program, tmp_path: Path) -> None:
    """Real processes on real ports: first nobody, then a stranger's server, then a program of another checkout's."""
    port = stack.free_ports()["gateway"]
    monkeypatch.setenv("VF_PORT_BASE", str(port))
    assert "none runs" in doctors_gateway(vf)["found"]

    with socket.create_server(("127.0.0.1", port)) as silent:
        silent.settimeout(20)
        threading.Thread(target=answer_once, args=(silent,), daemon=True).start()
        stranger = doctors_gateway(vf)
    assert (stranger["state"], stranger["found"]) == (
        "note", f"at http://127.0.0.1:{port} answers a program that is none of ours",
    )  # fmt: skip
    assert "--port-base" in stranger["mend"]

    other = dataclasses.replace(program("gateway", VF_HOME=str(tmp_path / "other")), port=port)
    with stack.Stack([other], tmp_path) as running:
        running.wait_ready()
        assert "another checkout" in doctors_gateway(vf)["found"]


def answer_once(server: socket.socket) -> None:
    """What any web server says."""
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def test_ports_are_usage_when_they_are_none(vf, monkeypatch) -> None:
    monkeypatch.setenv("VF_PORT_BASE", "port")
    assert vf("up").exit_code == Exit.USAGE
    assert vf("up", "--port-base", 65500).exit_code == Exit.USAGE


def test_up_says_which_port_is_taken_and_how_to_take_another(vf, monkeypatch) -> None:
    monkeypatch.setattr("vf_cli.commands.prepare_engines", lambda _: None)
    base = stack.free_ports()["gateway"]
    with socket.create_server(("127.0.0.1", stack.ports(base)["hrviton"])):
        done = vf("up", "--port-base", base)
    assert done.exit_code == Exit.SYSTEM
    assert f"port {base + 106} (hrviton) is taken" in " ".join(done.stderr.split())
    assert "VF_PORT_BASE" in done.stderr


def test_engines_by_service(monkeypatch) -> None:
    monkeypatch.delenv("VF_ENGINE", raising=False)
    assert set(choose_engines(None).values()) == {"open"}
    assert choose_engines("hrviton=reference") == {**choose_engines("open"), "hrviton": "reference"}
    monkeypatch.setenv("VF_ENGINE", "reference")
    assert choose_engines("parse=open") == {**choose_engines("reference"), "parse": "open"}
    with pytest.raises(CommandError):
        choose_engines("nothing=open")


def test_the_summary_ends_as_pytest_s_does() -> None:
    parts = [
        Part("ruff", passed=1, seconds=1.0),
        Part("tests", 40, 2, 3, 10.0),
        Part("reference", skipped=1, reason="x"),
    ]
    assert summary(parts).splitlines()[-1].strip("= ") == "2 failed, 41 passed, 4 skipped in 11.00s"


def test_ci_script_is_the_whole_test() -> None:
    lines = (ROOT / ".ci/run").read_text().splitlines()
    assert lines[-1] == "./vf test --all </dev/null"
    assert subprocess.run(["bash", "-n", ROOT / ".ci/run"], check=False).returncode == 0
    assert sys.version_info[:2] == (3, 11)
