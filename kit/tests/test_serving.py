"""The serving scaffold around a fake engine, over HTTP; and one real process that is told to stop."""

import asyncio
import http.client
import io
import json
import signal
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from echo_service import EchoEngine, create
from fastapi import Response, UploadFile

from vf_testing.door import free_port
from vfkit.contracts import Artifact, Stage
from vfkit.engines import AnswerWarning, WeightsInfo
from vfkit.problems import Code, Problem
from vfkit.serving import Service, ServiceSettings, unpack
from vfkit.serving.answers import respond


@asynccontextmanager
async def running(engine: EchoEngine | None = None, *, load: bool = True, **settings):
    """A client of a started service; its engine is loaded unless `load` is false."""
    engine = engine or EchoEngine()
    app = create(engine, **settings)
    if load:
        engine.loading.set()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            client.app = app
            if load:
                await until(lambda: ready(client))
            try:
                yield client
            finally:
                engine.loading.set()
                engine.go.set()


async def ready(client):
    return (await client.get("/readyz")).status_code != 503 or "could" in (await client.get("/readyz")).text


async def until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.005)


async def until_engine_has(engine, batches):
    async def reached():
        return len(engine.batches) >= batches

    await until(reached)


def say(client, word, **headers):
    return asyncio.create_task(client.post("/v1/echo", data={"word": word}, headers=headers))


def assert_problem(response, status, code):
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert (document["status"], document["code"]) == (status, code)
    assert document["type"] == f"urn:vf-market:problem:{code}"
    assert "secret" not in response.text
    assert "Traceback" not in response.text


async def metric(client, name):
    lines = (await client.get("/metrics")).text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), None)


# --- answers ---


async def test_a_request_is_answered():
    async with running() as client:
        response = await client.post("/v1/echo", data={"word": "hello"})
        assert (response.status_code, response.text) == (200, "HELLO")
        assert response.headers["content-type"] == "application/json"
        assert "vf-warnings" not in response.headers


async def test_warnings_travel_in_the_header():
    async with running() as client:
        response = await client.post("/v1/echo", data={"word": "hi"})
        assert json.loads(response.headers["vf-warnings"]) == [{"code": "short", "detail": "Ein kurzes Wort: ✓"}]


async def test_the_engine_s_problem_is_the_answer():
    async with running() as client:
        response = await client.post("/v1/echo", data={"word": "nobody"})
        assert_problem(response, 422, "no_person_found")
        assert response.json()["detail"] == "Nobody is there."


async def test_request_ids_go_in_and_out():
    async with running() as client:
        given = await client.get("/healthz", headers={"X-Request-ID": "abc-1"})
        assert given.headers["x-request-id"] == "abc-1"
        made = [(await client.get("/healthz", headers={"X-Request-ID": "no id!"})).headers["x-request-id"]]
        made.append((await client.post("/v1/broken")).headers["x-request-id"])
        assert len(set(made)) == 2
        assert all(len(value) == 32 for value in made)


async def test_requests_and_traces_are_logged(capfd):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with running() as client:
        await client.post("/v1/echo?token=hidden", data={"word": "hello"}, headers={"traceparent": trace})
        await client.post("/v1/broken", headers={"X-Request-ID": "abc-2"})
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    [line] = [line for line in lines if line.get("path") == "/v1/echo"]
    assert (line["status"], line["method"], line["trace"]) == (200, "POST", trace)
    assert "hidden" not in json.dumps(lines)
    [failure] = [line for line in lines if line["event"] == "unexpected error"]
    assert failure["request_id"] == "abc-2"
    assert "secret of the handler" in failure["exception"]


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/nowhere", {}, 404, "not_found"),
        ("GET", "/v1/echo", {}, 405, "invalid_request"),
        ("POST", "/v1/echo", {}, 422, "invalid_request"),
        ("POST", "/v1/echo", {"headers": {"VF-Timeout": "soon"}}, 422, "invalid_request"),
        ("POST", "/v1/echo", {"headers": {"VF-Timeout": "nan"}}, 422, "invalid_request"),
        ("POST", "/v1/echo", {"content": bytes(2_000_000)}, 413, "image_too_large"),
        ("POST", "/v1/broken", {}, 500, "internal"),
        ("POST", "/v1/echo", {"data": {"word": "crash"}}, 500, "internal"),
        ("POST", "/v1/echo", {"data": {"word": "lose"}}, 500, "internal"),
    ],
)
async def test_every_error_is_a_problem_and_is_counted(method, path, options, status, code):
    async with running(max_body_mb=1) as client:
        response = await client.request(method, path, **options)
        assert_problem(response, status, code)
        counted = (await client.get("/metrics")).text
        assert f'status="{status}"}} 1.0' in counted
        assert (await client.post("/v1/echo", data={"word": "fine"})).text == "FINE"


async def test_405_says_what_is_allowed():
    async with running() as client:
        assert (await client.get("/v1/echo")).headers["allow"] == "POST"


async def test_a_body_without_end_is_cut_off_at_the_limit():
    sent = 0

    async def endless():
        nonlocal sent
        while sent < 100_000_000:
            sent += 100_000
            yield bytes(100_000)

    async with running(max_body_mb=1) as client:
        assert_problem(await client.post("/v1/echo", content=endless()), 413, "image_too_large")
    assert sent <= 2_000_000


# --- loading ---


async def test_alive_at_once_ready_when_loaded():
    engine = EchoEngine()
    async with running(engine, load=False) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert_problem(await client.get("/readyz"), 503, "stage_unavailable")
        early = await client.post("/v1/echo", data={"word": "early"})
        assert_problem(early, 503, "stage_unavailable")
        assert int(early.headers["retry-after"]) >= 1
        engine.loading.set()
        await until(lambda: ready(client))
        assert (await client.get("/readyz")).json() == {"status": "ready"}


async def test_missing_weights_are_told():
    missing = Problem(Code.WEIGHTS_MISSING, "The weight file could not be found.")
    async with running(EchoEngine(load_error=missing)) as client:
        assert (await client.get("/healthz")).status_code == 200
        for response in (await client.get("/readyz"), await client.post("/v1/echo", data={"word": "x"})):
            assert_problem(response, 503, "weights_missing")
            assert response.json()["detail"] == missing.detail


async def test_a_service_without_its_weights_says_which_engine_lacks_them():
    missing = Problem(Code.WEIGHTS_MISSING, "The weight file could not be found.")
    async with running(EchoEngine(load_error=missing)) as client:
        response = await client.get("/v1/info")
    assert_problem(response, 503, "weights_missing")
    engine = response.json()["engine"]
    assert (engine["name"], engine["description"], engine["weights"]) == ("open", "Echoes.", [])


async def test_a_weight_file_of_unknown_digest_is_told_in_the_log(capsys):
    files = [WeightsInfo(file=f"{name}.pth", sha256=name * 64, licence="CC0-1.0", known=name == "a") for name in "ab"]
    async with running(EchoEngine(weights=files)):
        pass
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "weight file not known" in line]
    told = json.loads(line)
    assert (told["file"], told["sha256"], told["level"]) == ("b.pth", "b" * 64, "warning")
    assert told["pin"] == "vf weights verify --write"


async def test_an_engine_that_crashes_while_loading_leaves_a_service_that_says_so():
    async with running(EchoEngine(load_error=RuntimeError("secret path"))) as client:
        assert_problem(await client.get("/readyz"), 503, "stage_unavailable")


def test_an_unknown_engine_is_refused_at_once():
    with pytest.raises(ValueError, match="VF_ENGINE is 'magic'; parse has open"):
        create(EchoEngine(), engine="magic")


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("VF_QUEUE", "7")
    monkeypatch.setenv("VF_BATCH_WAIT_MS", "1.5")
    monkeypatch.setenv("VF_WEIGHTS", "/srv/weights")
    settings = ServiceSettings()
    assert (settings.queue, settings.batch_wait_ms, settings.weights) == (7, 1.5, Path("/srv/weights"))
    assert (settings.engine, settings.batch) == ("open", 4)


async def test_info_says_what_the_service_is():
    async with running(queue=9, batch=3, max_body_mb=8) as client:
        info = (await client.get("/v1/info")).json()
        assert (info["service"], info["queue"], info["batch"], info["max_body_mb"]) == ("parse", 9, 3, 8)
        assert info["engine"]["name"] == "open"
        assert info["version"]


# --- queue, batches, deadlines ---


async def test_requests_that_wait_together_are_one_batch():
    engine = EchoEngine()
    async with running(engine, batch=3, batch_wait_ms=0) as client:
        first = say(client, "hold")
        await until_engine_has(engine, 1)
        others = [say(client, word) for word in ("a", "b", "c", "d")]
        await asyncio.sleep(0.05)
        assert await metric(client, "vf_queue_length") == 5
        engine.go.set()
        answers = [response.text for response in await asyncio.gather(first, *others)]
        assert answers == ["HOLD", "A", "B", "C", "D"]
        assert [len(batch) for batch in engine.batches] == [1, 3, 1]
        assert await metric(client, "vf_queue_length") == 0
        assert await metric(client, "vf_batch_size_count") == 3
        assert await metric(client, "vf_batch_size_sum") == 5
        assert await metric(client, 'vf_requests_total{path="/v1/echo",status="200"}') == 5
        assert await metric(client, 'vf_request_seconds_count{path="/v1/echo"}') == 5


async def test_a_request_waits_for_company_only_as_long_as_it_is_set():
    engine = EchoEngine()
    async with running(engine, batch=2, batch_wait_ms=2000) as client:
        start = time.monotonic()
        await asyncio.gather(say(client, "one"), say(client, "two"))
        assert time.monotonic() - start < 1.5  # full: no reason to wait on
        assert len(engine.batches) == 1
    engine = EchoEngine()
    async with running(engine, batch=2, batch_wait_ms=30) as client:
        assert (await say(client, "alone")).text == "ALONE"


async def test_a_full_queue_refuses_and_recovers():
    engine = EchoEngine()
    async with running(engine, queue=2, batch=1) as client:
        held = [say(client, "hold"), say(client, "next")]
        await until_engine_has(engine, 1)
        await asyncio.sleep(0.02)
        refused = await client.post("/v1/echo", data={"word": "more"})
        assert_problem(refused, 503, "overloaded")
        assert int(refused.headers["retry-after"]) >= 1
        engine.go.set()
        assert [response.status_code for response in await asyncio.gather(*held)] == [200, 200]
        assert (await client.post("/v1/echo", data={"word": "now"})).text == "NOW"


async def test_one_refused_item_does_not_spoil_its_batch():
    async with running(batch=3, batch_wait_ms=200) as client:
        answers = await asyncio.gather(say(client, "one"), say(client, "nobody"), say(client, "two"))
        assert [response.status_code for response in answers] == [200, 422, 200]


async def test_a_crash_fails_its_batch_only():
    engine = EchoEngine()
    async with running(engine, batch=2, batch_wait_ms=0) as client:
        first = say(client, "hold")
        await until_engine_has(engine, 1)
        crashing = [say(client, "crash"), say(client, "beside")]
        await asyncio.sleep(0.03)
        safe = [say(client, "after")]
        await asyncio.sleep(0.03)
        engine.go.set()
        answers = await asyncio.gather(first, *crashing, *safe)
        assert [response.status_code for response in answers] == [200, 500, 500, 200]


async def test_the_deadline_ends_the_wait_and_frees_the_queue():
    engine = EchoEngine()
    async with running(engine, queue=2, batch=1) as client:
        held = say(client, "hold")
        await until_engine_has(engine, 1)
        start = time.monotonic()
        late = await client.post("/v1/echo", data={"word": "never"}, headers={"VF-Timeout": "0.1"})
        assert_problem(late, 504, "deadline_exceeded")
        assert 0.08 < time.monotonic() - start < 1
        then = say(client, "then")
        await asyncio.sleep(0.02)
        engine.go.set()
        assert [(await held).text, (await then).text] == ["HOLD", "THEN"]
        assert ["never"] not in engine.batches


async def test_the_deadline_holds_while_the_engine_works():
    engine = EchoEngine()
    async with running(engine, batch=1) as client:
        assert_problem(await say(client, "hold", **{"VF-Timeout": "0.1"}), 504, "deadline_exceeded")
        engine.go.set()
        assert (await say(client, "next")).text == "NEXT"


async def test_a_caller_who_hangs_up_costs_the_engine_nothing():
    engine = EchoEngine()
    app = create(engine, batch=1)
    engine.loading.set()
    body = b"word=abandoned"
    hung_up = asyncio.Event()
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        if messages:
            return messages.pop()
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        raise AssertionError(f"nobody is there to receive {message}")

    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"%d" % len(body))]
    scope = {
        "type": "http", "method": "POST", "path": "/v1/echo", "raw_path": b"/v1/echo", "query_string": b"",
        "headers": headers, "http_version": "1.1", "scheme": "http", "server": ("service", 80), "client": ("x", 1),
        "root_path": "", "app": app, "state": {},
    }  # fmt: skip
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")
    async with app.router.lifespan_context(app), client:
        await until(lambda: ready(client))
        held = say(client, "hold")
        await until_engine_has(engine, 1)
        abandoned = asyncio.create_task(app(scope, receive, send))
        await asyncio.sleep(0.05)
        hung_up.set()
        await asyncio.wait_for(abandoned, 2)
        engine.go.set()
        await held
        assert (await say(client, "next")).text == "NEXT"
        assert engine.batches == [["hold"], ["next"]]
        assert await metric(client, 'vf_requests_total{path="/v1/echo",status="gone"}') == 1


async def test_a_draining_service_finishes_what_it_holds_and_refuses_the_rest():
    engine = EchoEngine()
    async with running(engine) as client:
        held = say(client, "hold")
        await until_engine_has(engine, 1)
        client.app.state.open_requests.drain()
        assert_problem(await client.get("/readyz"), 503, "stage_unavailable")
        assert (await client.get("/healthz")).status_code == 200
        refused = await client.post("/v1/echo", data={"word": "late"})
        assert_problem(refused, 503, "stage_unavailable")
        assert refused.headers["retry-after"]
        engine.go.set()
        assert (await held).text == "HOLD"
        await asyncio.wait_for(client.app.state.open_requests.empty(), 1)


def start_echo(log=subprocess.DEVNULL):
    """The echo service as a process: its port, and the process; what it logs goes to a file."""
    port = free_port()
    program = Path(__file__).parent / "echo_service.py"
    return port, subprocess.Popen([sys.executable, str(program), str(port)], stdout=log, stderr=log)


def test_bugs_are_logged_without_secrets(tmp_path):
    """What a caller sends stands in both exceptions and in what is bound to each line; none of it is in the log."""
    key, token, signature = "vf_" + "k" * 43, "eyJhbGciOi.eyJtYXJrZXQi.c2lnbmF0dXJl", "ab" * 32
    said = (
        f"crash for anna@buyers.example with {key}, Bearer {token}, https://user:hunter22@host/?signature={signature}"
    )
    headers = {"Authorization": f"Bearer {token}", "X-Request-ID": key, "traceparent": f"00-{key}-anna@buyers.example"}
    with (tmp_path / "log").open("wb") as log:
        port, process = start_echo(log)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, headers=headers) as client:
                wait_until_ready(client)
                assert_problem(client.post("/v1/echo", data={"word": said}), 500, "internal")
                assert_problem(client.post(f"/v1/broken?signature={signature}"), 500, "internal")
        finally:
            process.terminate()
            process.wait(20)
    text = (tmp_path / "log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {"engine failed", "unexpected error"} <= {line["event"] for line in lines}
    assert "secret of the engine" in text
    assert "secret of the handler" in text
    for secret in (key, "k" * 20, token, "anna", "hunter22", signature[:16]):
        assert secret not in text, secret
    assert len(text) < 30_000


def test_an_idle_connection_is_kept_longer_than_callers_keep_it():
    port, process = start_echo()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            wait_until_ready(client)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for pause in (0, 6):  # httpx closes an idle connection after five seconds, uvicorn would too
            time.sleep(pause)
            connection.request("GET", "/healthz")
            response = connection.getresponse()
            assert (response.status, bool(response.read())) == (200, True)
        connection.close()
    finally:
        process.kill()
        process.wait(10)


def test_sigterm_lets_a_real_process_finish_what_it_holds():
    port, process = start_echo()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            wait_until_ready(client)
            answers = []

            def call():
                answers.append(httpx.post(f"{client.base_url}/v1/echo", data={"word": "sleep1"}, timeout=10))

            caller = threading.Thread(target=call)
            caller.start()
            time.sleep(0.4)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.1)
            assert client.get("/readyz").status_code == 503
            late = client.post("/v1/echo", data={"word": "late"})
            assert (late.status_code, late.json()["code"]) == (503, "stage_unavailable")
            caller.join(10)
            assert [(answer.status_code, answer.text) for answer in answers] == [(200, "SLEEP1")]
        process.wait(10)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/healthz")
    finally:
        process.kill()
        process.wait()


def wait_until_ready(client, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("the process did not start")


# --- respond and unpack ---

POSE = {Artifact.POSE_JSON: b"{}", Artifact.POSE: b"picture"}
PAIR = {Artifact.PARSE_AGNOSTIC: b"labels", Artifact.AGNOSTIC: b"picture"}
ONE = {Artifact.PARSE: b"labels"}


@pytest.mark.parametrize(
    ("artifacts", "accept", "media_type"),
    [
        (ONE, None, "image/png"),
        (ONE, "*/*", "image/png"),
        (ONE, "text/html, image/*;q=0.8", "image/png"),
        (POSE, None, "application/zip"),
        (POSE, "*/*", "application/zip"),
        (POSE, "image/png", "image/png"),
        (POSE, "application/json", "application/json"),
        (POSE, "application/json;q=0.2, image/png", "image/png"),
        (POSE, "application/zip;q=0, */*", "image/png"),
        (POSE, "APPLICATION/ZIP", "application/zip"),
        (PAIR, "image/png, application/zip;q=0.1", "application/zip"),
    ],
)
def test_accept_chooses(artifacts, accept, media_type):
    response = respond(artifacts, accept=accept)
    assert response.media_type == media_type
    unpacked = unpack(response.headers["content-type"], response.body, list(artifacts))
    assert unpacked.items() <= artifacts.items()
    assert len(unpacked) == (len(artifacts) if media_type == "application/zip" else 1)


@pytest.mark.parametrize(
    ("artifacts", "accept"),
    [(ONE, "application/json"), (ONE, "image/png;q=0"), (PAIR, "image/png"), (POSE, "text/html"), (POSE, ";;q=x")],
)
def test_what_cannot_be_answered_is_not_acceptable(artifacts, accept):
    with pytest.raises(Problem) as caught:
        respond(artifacts, accept=accept)
    assert caught.value.code is Code.NOT_ACCEPTABLE


def test_the_same_artifacts_are_the_same_bytes():
    assert respond(POSE).body == respond(POSE).body
    with zipfile.ZipFile(io.BytesIO(respond(POSE).body)) as archive:
        assert archive.namelist() == ["pose.json", "pose.png"]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_warnings_are_plain_ascii_in_the_header():
    response = respond(ONE, warnings=[AnswerWarning(code="a", detail="머리가 잘렸습니다")])
    header = response.headers["vf-warnings"]
    assert header.isascii()
    assert json.loads(header)[0]["detail"] == "머리가 잘렸습니다"


def zip_of(content, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as archive:
        archive.writestr("parse.png", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("application/zip", b"garbage"),
        ("application/zip", zip_of(b"0" * 5_000_000, compression=zipfile.ZIP_DEFLATED)),
        ("application/zip", zip_of(b"x" * 1000)[:-30]),
        ("application/zip", zip_of(b"x" * 1000).replace(b"x" * 10, b"y" * 10, 1)),
        ("application/zip", respond(POSE).body),
        ("text/html", b"<h1>502</h1>"),
        ("application/json", b"{}"),
        ("", b""),
    ],
    ids=["garbage", "compressed", "cut", "changed", "other files", "html", "json", "nothing"],
)
def test_answers_that_are_none_are_refused(media_type, content):
    with pytest.raises(ValueError, match=r"expected|compressed"):
        unpack(media_type, content, [Artifact.PARSE])


async def test_probes_are_answered_while_a_picture_is_unpacked():
    async with running() as client:
        unpacking = asyncio.create_task(client.post("/v1/unpack", data={"seconds": "0.8"}))
        await asyncio.sleep(0.1)
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await client.get(path)).status_code == 200
        assert not unpacking.done()
        assert (await unpacking).status_code == 204


async def test_nothing_is_unpacked_for_an_engine_that_is_not_there():
    async with running(load=False) as client:
        refused = await client.post("/v1/unpack", data={"seconds": "5"})
        assert_problem(refused, 503, "stage_unavailable")


# --- the contract ---


def service_of(stage):
    return Service(stage, engines={"open": lambda _: EchoEngine()}, settings=ServiceSettings())


def test_a_route_takes_the_form_fields_of_the_contract():
    with pytest.raises(ValueError, match=r"/v1/parse takes \['image'\], not \['photo'\]"):

        @service_of(Stage.PARSE).route()
        async def parse(photo: UploadFile) -> Response:
            return Response()


@pytest.mark.parametrize(
    ("artifacts", "status"),
    [
        ({Artifact.PARSE: b"parse"}, 200),
        ({Artifact.PARSE: b"parse", Artifact.PARSE_EDGE: b"edge"}, 200),
        ({Artifact.PARSE_EDGE: b"edge"}, 500),
        ({Artifact.PARSE: b"parse", Artifact.IUV: b"iuv"}, 500),
    ],
)
async def test_an_answer_has_the_artifacts_of_the_contract(artifacts, status):
    service = service_of(Stage.PARSE)

    @service.route()
    async def parse(image: UploadFile) -> Response:
        return service.respond(artifacts)

    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        answer = await client.post("/v1/parse", files={"image": b"photo"})
    assert answer.status_code == status
    if status == 200:
        assert unpack(answer.headers["content-type"], answer.content, list(artifacts)) == artifacts
