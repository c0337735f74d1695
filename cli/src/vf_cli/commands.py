"""The `vf` command line: what each command takes and says. The work is in the modules beside this one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from vf_cli import bench as benchmark
from vf_cli import child, doctor, environments, fitting, preprocess, stack, testing, training, weights
from vf_cli.engines import choose_engines, prepare_engines
from vf_cli.output import EXIT_CODES_HELP, CommandError, Exit, answer, console, ending, progress
from vf_cli.sessions import gateway
from vfkit.contracts import Category
from vfkit.weights import State

app = typer.Typer(
    help="VF-Market fitting: see yourself wearing it before you buy.",
    epilog=EXIT_CODES_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
weights_app = typer.Typer(help="The weight files of the engines: list, fetch, verify.", no_args_is_help=True)
app.add_typer(weights_app, name="weights")

Photo = Path
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
EngineOption = Annotated[
    str | None,
    typer.Option(
        help="open, reference, or a list such as 'hrviton=reference,parse=open'. Default: whatever a running gateway "
        "uses, else VF_ENGINE, else open."
    ),
]
Out = Annotated[Path, typer.Option(help="Folder for everything that is made.")]
Jobs = Annotated[int, typer.Option(min=1, help="How many at the same time.")]

Sold = Annotated[Category, typer.Option("--category", help="What the garments are sold as; auto: the photo decides.")]

SERVICE_COLOURS = ("cyan", "green", "yellow", "blue", "magenta", "bright_cyan", "bright_white")


def examples(*lines: str) -> str:
    """A help epilog of example calls."""
    return "Examples:\n\n" + "\n\n".join(f"  {line}" for line in lines) + "\n\n" + EXIT_CODES_HELP


@app.command(epilog=examples("vf fit --person samples/person.jpg --garment samples/tshirt.jpg --out out/"))
def fit(
    person: Annotated[Photo, typer.Option(help="Full-body photo: JPEG, PNG, WebP or HEIC.")],
    garment: Annotated[Photo, typer.Option(help="Photo of the garment alone: laid flat, or on a hanger.")],
    out: Out = Path("out"),
    category: Sold = Category.AUTO,
    engine: EngineOption = None,
    as_json: AsJson = False,
) -> None:
    """One person in one garment: result.png, result_full.png, grid.png, every artifact and fitting.json.

    Uses the gateway at VF_GATEWAY or that of a running `vf up`, else starts the local stack on free ports and stops it.
    """
    with ending(as_json):
        _require_files([person, garment])
        with gateway(engine) as client:
            made = fitting.fit(client, person, garment, out, category)
        for warning in made["warnings"]:
            console.print(f"[yellow]note:[/] {escape(warning['detail'])} ({warning['code']}, {warning['stage']})")
        answer(made, as_json, f"{out / 'result.png'}  ({made['wall_ms'] / 1000:.2f} s in the gateway)")


@app.command(
    epilog=examples(
        "vf compare --person samples/person.jpg samples/tshirt.jpg samples/tank.jpg --category tops --out out/"
    )
)
def compare(
    garments: Annotated[list[Photo], typer.Argument(help="Photos of the garments.")],
    person: Annotated[Photo, typer.Option(help="Full-body photo: JPEG, PNG, WebP or HEIC.")],
    out: Out = Path("out"),
    category: Sold = Category.AUTO,
    engine: EngineOption = None,
    jobs: Jobs = 2,
    as_json: AsJson = False,
) -> None:
    """One person in many garments: a folder for each and comparison.png, the results side by side.

    Garments that cannot be fitted are told and left out; the exit code is then 3.
    """
    with ending(as_json):
        _require_files([person, *garments])
        with gateway(engine) as client:
            made = fitting.compare(client, person, garments, out, category=category, jobs=jobs, progress=progress())
        sheet = made["sheet"] or "no garment could be fitted"
        failed = [entry for entry in made["fittings"] if "error" in entry]
        answer(made, as_json, f"{sheet}  ({len(garments) - len(failed)} of {len(garments)} fittings)")
        if failed:
            raise typer.Exit(max(entry["exit"] for entry in failed))


@app.command("preprocess", epilog=examples("vf preprocess --people photos/people --garments photos/tops --out data/"))
def preprocess_command(
    people: Annotated[Path, typer.Option(help="Folder of full-body photos.")],
    garments: Annotated[Path, typer.Option(help="Folder of garment photos.")],
    out: Annotated[Path, typer.Option(help="Folder for test/ and test_pairs.txt.")],
    category: Sold = Category.AUTO,
    engine: EngineOption = None,
    jobs: Jobs = 2,
    as_json: AsJson = False,
) -> None:
    """Folders of photos to the VITON-HD file layout, as try-on networks are trained and tested on it.

    Goes on where an interrupted run was. Photos that cannot be used are told and skipped; the exit code is then 3.
    """
    with ending(as_json):
        outcome = preprocess.run(people, garments, out, engine, jobs, category)
        for skipped in outcome.skipped:
            console.print(f"[yellow]skipped:[/] {escape(skipped.photo)}: {escape(skipped.detail)} ({skipped.code})")
        text = f"{out}: {len(outcome.people)} people, {len(outcome.garments)} garments, {outcome.pairs} pairs"
        answer(outcome.document(), as_json, text + f", {len(outcome.skipped)} skipped")
        if outcome.skipped:
            raise typer.Exit(Exit.PICTURE)


@app.command(epilog=examples("vf up", "VF_ENGINE=reference vf up", "vf up --port-base 9000"))
def up(
    engine: EngineOption = None,
    port_base: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=stack.LARGEST_PORT_BASE,
            help="The gateway's port; the services take those from 101 above it on. Default: VF_PORT_BASE, else 8000.",
        ),
    ] = None,
) -> None:
    """The whole stack on its documented ports until Ctrl-C; a process that crashes is started again.

    Gateway 8000; openpose 8101, parse 8102, densepose 8103, clothmask 8104, agnostic 8105, hrviton 8106. The
    gateway's state is kept in VF_DATA, by default var/data; the logs are kept in var/runs. Other commands find a stack
    on other ports by VF_PORT_BASE.
    """
    with ending(as_json=False):
        ports = stack.ports(port_base or stack.port_base())
        engines = choose_engines(engine)
        prepare_engines(engines)
        data = Path(os.environ.get("VF_DATA") or environments.home() / "var/data")
        colours = dict(zip(stack.PROGRAMS, SERVICE_COLOURS, strict=True))

        def echo(name: str, line: str) -> None:
            console.print(f"[{colours[name]}]{name:>10} |[/] {escape(line)}", soft_wrap=True)

        try:
            stack.require_free(ports)
            with stack.run_folder() as logs, stack.Stack(stack.plan(ports, engines, data), logs, echo) as local:
                local.wait_ready()
                console.print(f"[bold green]ready:[/] {local.url} (documentation at {local.url}/docs); Ctrl-C stops it")
                if stack.has_web():
                    console.print(f"fitting room: {stack.web_link(local.url)}", soft_wrap=True)
                console.print(f'API key: {stack.local_key_file()} (curl -H "Authorization: Bearer $(cat FILE)" ...)')
                local.supervise(lambda name, line: echo(name, f"** {line}"))
        except stack.StackError as error:
            raise CommandError(Exit.SYSTEM, str(error)) from error
        except KeyboardInterrupt:
            console.print("stopped")


@app.command(epilog=examples("vf serve clothmask --port 8104", "VF_ENGINE=reference vf serve hrviton --port 8106"))
def serve(
    service: Annotated[str, typer.Argument(help=f"One of {', '.join((*stack.SERVICES, stack.GATEWAY))}.")],
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default: its documented port.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """One service alone until Ctrl-C; engine and weights by VF_ENGINE and VF_WEIGHTS."""
    with ending(as_json=False):
        if service not in stack.PROGRAMS:
            raise CommandError(Exit.USAGE, f"there is no service {service!r}; they are {', '.join(stack.PROGRAMS)}")
        port = port or stack.ports(stack.port_base())[service]
        engine = choose_engines(None).get(service, "open")
        if service != stack.GATEWAY:
            prepare_engines({service: engine})
        program = (
            stack.gateway_program(port) if service == stack.GATEWAY else stack.service_program(service, port, engine)
        )
        child.replace_process(program.python, program.module, host, port, program.environment)


@weights_app.command("list", epilog=examples("vf weights list", "vf weights list --engine reference"))
def weights_list(
    engine: Annotated[str | None, typer.Option(help="Only this engine's files: open or reference.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every weight file: state, size, licence, where it comes from, where it goes."""
    with ending(as_json):
        files = weights.listing(engine)
        answer(list(map(weights.document, files)), as_json, weights.table(files))


@weights_app.command(
    "fetch", epilog=examples("vf weights fetch", "vf weights fetch --engine reference --accept-licences")
)
def weights_fetch(
    engine: Annotated[str, typer.Option(help="open or reference.")] = "open",
    optional: Annotated[bool, typer.Option("--optional", help="Also files that only a setting asks for.")] = False,
    accept_licences: Annotated[
        bool, typer.Option("--accept-licences", help="Accept the licences of files that come from their authors.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch what is missing and has an address; say what to download by hand, and where it goes."""
    with ending(as_json):
        fetched = weights.fetch_all(engine, optional=optional, accept_licences=accept_licences)
        answer(fetched, as_json, f"fetched: {', '.join(fetched)}" if fetched else "everything is there")


@weights_app.command("verify", epilog=examples("vf weights verify", "vf weights verify --engine reference --write"))
def weights_verify(
    engine: Annotated[str | None, typer.Option(help="Only this engine's files: open or reference.")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Pin the reference files that are there in weights.lock, if none differs.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the digest of every file that is there with the recorded one; exit code 4 when one differs.

    Digests are recorded by this version, by the files' authors, or by weights.lock beside the files, which every start
    of a service reads.
    """
    with ending(as_json):
        files = weights.listing(engine, thorough=True)
        differs = any(entry.state == State.DAMAGED for entry in files)
        if write and not differs:
            files = weights.pin(files)
        answer(list(map(weights.document, files)), as_json, weights.table(files))
        if differs:
            raise typer.Exit(Exit.SYSTEM)


@app.command("doctor")
def doctor_command(as_json: AsJson = False) -> None:
    """What is there, what is missing and how to mend it."""
    with ending(as_json):
        checks = doctor.examine()
        answer([check.document() for check in checks], as_json, "\n".join(check.line() for check in checks))
        if any(check.state == doctor.MISSING for check in checks):
            raise typer.Exit(Exit.SYSTEM)


@app.command("bench")
def bench_command(
    as_json: AsJson = False,
    save: Annotated[bool, typer.Option(help="Write bench/results.json.")] = True,
) -> None:
    """Times and memory of the local stack with the open engines; written to bench/results.json."""
    with ending(as_json):
        results = benchmark.measure()
        if save:
            benchmark.RESULTS.write_text(json.dumps(results, indent=2) + "\n")
        answer(results, as_json, benchmark.table(results))


@app.command(
    "test",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog=examples("vf test", "vf test --all", "vf test -k preprocess cli/tests"),
)
def test_command(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also the reference engines, training and the containers.")
    ] = False,
) -> None:
    """Linters, types, unit tests and end-to-end tests on the local stack; other arguments are pytest's."""
    try:
        parts = testing.run(everything, context.args)
    except environments.SetupError as error:
        console.print(str(error), markup=False)
        raise typer.Exit(Exit.SYSTEM) from error
    sys.stdout.flush()
    typer.echo(testing.summary(parts))
    if any(part.failed for part in parts):
        raise typer.Exit(Exit.FAILED)


PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""Settings of commands whose arguments, `--help` too, are for the package of learned weights."""


@app.command("train", context_settings=PASSED_ON, epilog=examples("vf train garment --data DIR --out DIR"))
def train_command(context: typer.Context) -> None:
    """Train a network: `vf train garment --data DIR --out DIR [--resume]`; `vf train garment --help` says more."""
    _training("train", context.args)


@app.command("evaluate", context_settings=PASSED_ON, epilog=examples("vf evaluate garment --photos DIR --weights FILE"))
def evaluate_command(context: typer.Context) -> None:
    """Measure a network: `vf evaluate garment --photos DIR --weights FILE`; `vf evaluate garment --help` says more."""
    _training("evaluate", context.args)


@app.command(
    "export", context_settings=PASSED_ON, epilog=examples("vf export garment --weights FILE --kinds FILE --out FILE")
)
def export_command(context: typer.Context) -> None:
    """A trained network as ONNX: `vf export garment --weights FILE --kinds FILE --out FILE`."""
    _training("export", context.args)


def _training(command: str, arguments: list[str]) -> None:
    """Hand a command over to the package of learned weights.

    Raises:
        Exit: with the package's exit code, where that is not 0.
    """
    with ending(as_json=False):
        if code := training.run(command, arguments):
            raise typer.Exit(code)


def _require_files(photos: list[Path]) -> None:
    """Refuse before anything is started.

    Raises:
        CommandError: a photo is not a file.
    """
    for photo in photos:
        if not photo.is_file():
            raise CommandError(Exit.USAGE, f"{photo} is not a file")
