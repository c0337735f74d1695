"""The operator's commands: ``vf-gateway serve``, ``migrate``, ``keys``, ``sweep``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from vf_gateway.access.keys import ApiKeys
from vf_gateway.access.principal import ALL_SCOPES, Scope
from vf_gateway.app import create_app
from vf_gateway.database.engine import Database
from vf_gateway.database.migrations import migrate as run_migrations
from vf_gateway.database.tables import to_datetime
from vf_gateway.gateway import Gateway, open_database
from vf_gateway.settings import Settings
from vfkit.problems import Problem
from vfkit.serving import logs
from vfkit.serving.server import serve as run_server

T = TypeVar("T")

# Typer's own way of showing an exception would write local variables, secrets among them.
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
keys = typer.Typer(no_args_is_help=True, help="API keys of market backends.")
app.add_typer(keys, name="keys")


@app.callback()
def set_up_logs() -> None:
    """The gateway of VF-Market fitting."""
    logs.configure("gateway", Settings().log_level)


@app.command()
def serve(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until stopped; all other settings come from VF_* variables."""
    run_server(create_app(), host, port, _GRACE_SECONDS)


_GRACE_SECONDS = 10


@app.command()
def migrate() -> None:
    """Bring the database's schema to the newest version."""
    _with_database(run_migrations)
    typer.echo("The schema is the newest.")


@app.command()
def sweep() -> None:
    """Enforce retention now, once (running gateways do it by themselves)."""

    async def work() -> None:
        gateway = Gateway(Settings())
        await gateway.deletion.sweep()
        await gateway.database.close()

    asyncio.run(work())


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="what the key is for")],
    market: Annotated[str, typer.Option(help="whose data it opens")] = "local",
    scope: Annotated[list[Scope] | None, typer.Option(help="what it may do; all by default")] = None,
) -> None:
    """Make a key; it is printed now and never again."""
    scopes = frozenset(scope) if scope else ALL_SCOPES
    try:
        key_id, key = _with_keys(lambda store: store.create(name, market, scopes))
    except Problem as problem:
        typer.echo(problem.detail, err=True)
        raise typer.Exit(1) from None
    typer.echo(json.dumps({"id": key_id, "key": key, "market": market, "scopes": sorted(scopes)}))


@keys.command("revoke")
def revoke_key(key_id: str) -> None:
    """End a key, and every token minted with it."""
    if not _with_keys(lambda store: store.revoke(key_id)):
        typer.echo(f"There is no key {key_id} in use.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{key_id} is revoked.")


@keys.command("list")
def list_keys() -> None:
    """Every key, newest first, one JSON document per line."""
    for row in _with_keys(lambda store: store.all()):
        typer.echo(
            json.dumps(
                {
                    "id": row.id,
                    "name": row.name,
                    "market": row.market,
                    "scopes": row.scopes,
                    "created_at": to_datetime(row.created_at).isoformat(),
                    "revoked_at": to_datetime(row.revoked_at).isoformat() if row.revoked_at else None,
                }
            )
        )


def _with_keys(work: Callable[[ApiKeys], Awaitable[T]]) -> T:
    async def run(database: Database) -> T:
        await run_migrations(database)
        return await work(ApiKeys(database))

    return _with_database(run)


def _with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        database = open_database(Settings())
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


if __name__ == "__main__":
    app()
