#!/usr/bin/env python3
"""The list of calls as a FastAPI program answers it, for `cargo xtask bench server` to measure against: on the same PostgreSQL, for the same access
tokens, with the same calls and fields in the answer.

    pip install -r bench/peers/fastapi_requirements.txt
    bench/peers/fastapi_list.py postgres://user@host/database PORT

Two processes of uvicorn on uvloop and httptools, each with a pool of connections; SQLAlchemy without the mapping of objects, which would cost more;
answers by orjson without validation of what the database says. It ends with its input.
"""

import os
import signal
import sys
import threading
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import jwt
import orjson
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import (
    BigInteger, Boolean, Column, DateTime, Double, MetaData, String, Table, Uuid, func, or_, select, tuple_,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

# Set by main() for the processes that serve.
DATABASE = "FASTAPI_LIST_DATABASE"

metadata = MetaData()
TIME = DateTime(timezone=True)
secrets = Table("secrets", metadata, Column("name", String, primary_key=True), Column("value", String))
users = Table(
    "users", metadata,
    Column("id", Uuid, primary_key=True), Column("name", String), Column("role", String), Column("active", Boolean),
)
sessions = Table(
    "sessions", metadata,
    Column("id", Uuid, primary_key=True), Column("user_id", Uuid), Column("revoked_at", TIME),
    Column("expires_at", TIME),
)
memberships = Table("memberships", metadata, Column("team_id", Uuid), Column("user_id", Uuid))
assignments = Table("coach_assignments", metadata, Column("coach_id", Uuid), Column("rep_id", Uuid))
calls = Table(
    "calls", metadata,
    Column("id", Uuid, primary_key=True), Column("external_id", String), Column("title", String),
    Column("file_name", String), Column("customer", String), Column("rep_id", Uuid), Column("language", String),
    Column("status", String), Column("started_at", TIME), Column("imported_at", TIME), Column("happened_at", TIME),
    Column("duration_ms", BigInteger), Column("overall_score", Double), Column("customer_sentiment", Double),
    Column("analysed_at", TIME),
)

LISTED = {
    "id": calls.c.id,
    "external_id": calls.c.external_id,
    "title": func.coalesce(calls.c.title, calls.c.file_name),
    "customer": calls.c.customer,
    "language": calls.c.language,
    "status": calls.c.status,
    "started_at": calls.c.started_at,
    "imported_at": calls.c.imported_at,
    "duration_ms": calls.c.duration_ms,
    "overall_score": calls.c.overall_score,
    "customer_sentiment": calls.c.customer_sentiment,
    "analysed_at": calls.c.analysed_at,
}
QUERY = select(*LISTED.values(), calls.c.rep_id, users.c.name, calls.c.happened_at).select_from(
    calls.outerjoin(users, users.c.id == calls.c.rep_id)
)


class State:
    """What a process has."""

    engine: AsyncEngine
    key: str


state = State()


@asynccontextmanager
async def lifespan(_: FastAPI):
    # Each request reads twice and changes nothing: transactions around that would be two more ways to the database.
    state.engine = create_async_engine(
        os.environ[DATABASE], pool_size=8, max_overflow=0, isolation_level="AUTOCOMMIT",
    )
    async with state.engine.connect() as connection:
        # Our tokens are good here too.
        query = select(secrets.c.value).where(secrets.c.name == "access_tokens")
        state.key = (await connection.execute(query)).scalar_one()
    yield
    await state.engine.dispose()


app = FastAPI(lifespan=lifespan, openapi_url=None)
bearer = HTTPBearer()


class Actor(NamedTuple):
    """Who asks."""

    id: UUID
    role: str


async def connect():
    async with state.engine.connect() as connection:
        yield connection


async def signed(
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)], connection: Annotated[object, Depends(connect)]
) -> Actor:
    """Whose token it is, if their login has not ended."""
    refused = HTTPException(401, "the access token is no good")
    try:
        claims = jwt.decode(
            credentials.credentials, state.key, algorithms=["HS256"], issuer="sideline",
            options={"require": ["exp", "iss", "sub"]},
        )
        user, session = UUID(claims["sub"]), UUID(claims["sid"])
    except (jwt.InvalidTokenError, KeyError, ValueError):
        raise refused from None
    query = select(users.c.role).join(sessions, sessions.c.user_id == users.c.id).where(
        sessions.c.id == session, users.c.id == user, users.c.active,
        sessions.c.revoked_at.is_(None), sessions.c.expires_at > datetime.now(UTC),
    )
    role = (await connection.execute(query)).scalar_one_or_none()
    if role is None:
        raise refused
    return Actor(user, role)


def dumps(value) -> bytes:
    # The ids of asyncpg are of a type of its own.
    return orjson.dumps(value, default=str)


def may_see(actor: Actor):
    """The condition under which the actor sees a call; none for who sees all."""
    own = calls.c.rep_id == actor.id
    if actor.role == "admin":
        return None
    if actor.role == "manager":
        mine = memberships.alias("mine")
        team = select(memberships.c.user_id).join(mine, mine.c.team_id == memberships.c.team_id)
        return or_(own, calls.c.rep_id.in_(team.where(mine.c.user_id == actor.id)))
    if actor.role == "coach":
        return or_(own, calls.c.rep_id.in_(select(assignments.c.rep_id).where(assignments.c.coach_id == actor.id)))
    return own


@app.get("/api/v1/calls")
async def list_calls(
    actor: Annotated[Actor, Depends(signed)],
    connection: Annotated[object, Depends(connect)],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    sort: Annotated[str, Query(pattern="^-?started_at$")] = "-started_at",
    cursor: str | None = None,
):
    query = QUERY
    if (seen := may_see(actor)) is not None:
        query = query.where(seen)
    key = tuple_(calls.c.happened_at, calls.c.id)
    newest_first = sort.startswith("-")
    if cursor:
        try:
            at, last = orjson.loads(bytes.fromhex(cursor))
            after = tuple_(datetime.fromisoformat(at), UUID(last))
        except ValueError:
            raise HTTPException(422, "cursor: it is none of ours") from None
        query = query.where(key < after if newest_first else key > after)
    columns = (calls.c.happened_at, calls.c.id)
    order = [column.desc() for column in columns] if newest_first else columns
    rows = (await connection.execute(query.order_by(*order).limit(limit + 1))).all()
    items = []
    for *values, rep_id, rep_name, _ in rows[:limit]:
        item = dict(zip(LISTED, values))
        item["rep"] = {"id": rep_id, "name": rep_name} if rep_id else None
        items.append(item)
    page = {"items": items}
    if len(rows) > limit:
        page["next_cursor"] = dumps([rows[limit - 1].happened_at, items[-1]["id"]]).hex()
    return Response(dumps(page), media_type="application/json")


@app.get("/health")
async def health():
    return Response(status_code=200)


def end_with_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: fastapi_list.py postgres://… PORT")
    url = urlsplit(sys.argv[1])
    # asyncpg knows no `sslmode`; over loopback nothing is encrypted on either side.
    os.environ[DATABASE] = urlunsplit(("postgresql+asyncpg", url.netloc, url.path, "", ""))
    threading.Thread(target=end_with_input, daemon=True).start()
    uvicorn.run(
        "fastapi_list:app", app_dir=os.path.dirname(os.path.abspath(__file__)), host="127.0.0.1", port=int(sys.argv[2]),
        workers=2, loop="uvloop", http="httptools", access_log=False, log_level="warning",
    )


if __name__ == "__main__":
    main()
