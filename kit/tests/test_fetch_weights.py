"""What the container that fetches weights says, and how it ends. The fetching itself is tested in test_weights."""

from pathlib import Path

from vfkit import weights
from vfkit.fetch_weights import fetch


def test_authors_files_are_asked_for_by_name(tmp_path, capsys):
    assert fetch(tmp_path, "reference") == 2
    said = capsys.readouterr().out
    for file in weights.manifest("reference"):
        assert file.path in said
    assert list(tmp_path.iterdir()) == []  # a folder of authors' files may be read-only


def test_those_with_an_address_are_fetched_once_their_licences_are_accepted(tmp_path, capsys, monkeypatch):
    asked = []
    monkeypatch.setattr(weights, "fetch", lambda root, files: asked.extend(files) or [])
    assert fetch(tmp_path, "reference", accept_licences=True) == 2
    assert {file.path for file in asked} == {
        file.path for file in weights.manifest("reference") if isinstance(file.source, weights.Url)
    }
    said = capsys.readouterr().out
    assert "by hand" in said and "drive.google.com" in said


def test_authors_files_that_are_there(tmp_path, capsys):
    for file in weights.manifest("reference"):
        place: Path = tmp_path / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as stream:
            stream.truncate(file.size or 1)
    assert fetch(tmp_path, "reference") == 0
    assert "parse/CIHP_pgn: present" in capsys.readouterr().out


def test_a_lock_that_cannot_be_read_is_told(tmp_path, capsys):
    (tmp_path / "weights.lock").write_text("gen.pth\n")
    assert fetch(tmp_path, "reference") == 2
    assert "Line 1 of weights.lock" in capsys.readouterr().out


def test_no_network_ends_with_a_reason(tmp_path, capsys, monkeypatch):
    def fail(*_):
        raise weights.FetchError("mediapipe could not be downloaded: no route")

    monkeypatch.setattr(weights, "fetch", fail)
    assert fetch(tmp_path, "open") == 1
    assert "no route" in capsys.readouterr().out


def test_what_came_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(weights, "fetch", lambda root, files: [file.path for file in files])
    monkeypatch.setattr(weights, "status", lambda root, files: [])
    assert fetch(tmp_path, "open") == 0
    assert "blazepose/pose_detection.tflite: fetched" in capsys.readouterr().out
