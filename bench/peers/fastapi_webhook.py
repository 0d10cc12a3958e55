#!/usr/bin/env python3
"""Gong's webhook as a FastAPI program takes it, for `cargo xtask bench webhook` to measure against: on the same PostgreSQL, into tables like ours,
the same deliveries, verified and committed before they are answered.

    pip install -r bench/peers/fastapi_requirements.txt
    bench/peers/fastapi_webhook.py postgres://user@host/database PORT CONNECTION SECRET

Uvicorn on uvloop and httptools, asyncpg without anything between, which would cost more, and a pool of connections as large as ours. It hides no personal
data in what it keeps and draws no reason to skip a call, which ours does as well. It ends with its input.
"""

import hashlib
import hmac
import os
import signal
import sys
import threading
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import time_ns
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response

SCHEMA = """
CREATE SCHEMA IF NOT EXISTS peer;
CREATE TABLE IF NOT EXISTS peer.webhook_events
    (LIKE webhook_events INCLUDING ALL, FOREIGN KEY (connection_id) REFERENCES connections (id) ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS peer.source_calls
    (LIKE source_calls INCLUDING ALL, FOREIGN KEY (connection_id) REFERENCES connections (id) ON DELETE CASCADE,
    FOREIGN KEY (call_id) REFERENCES calls (id) ON DELETE SET NULL);
CREATE TABLE IF NOT EXISTS peer.jobs (LIKE jobs INCLUDING ALL);
"""
EVENT = """
INSERT INTO peer.webhook_events (id, connection_id, delivery_key, external_id, payload, signature_valid, status, bytes, received_at)
VALUES ($1, $2, $3, $4, $5, TRUE, $6, $7, $8)
ON CONFLICT (connection_id, delivery_key) DO UPDATE SET deliveries = webhook_events.deliveries + 1 RETURNING id
"""
CALL = """
INSERT INTO peer.source_calls (id, connection_id, external_id, state, known_by, known_at, waits_from, began_at, rep, details, next_try_at)
VALUES ($1, $2, $3, 'open', 'webhook', $4, $4, $5, $6, $7, $4)
ON CONFLICT (connection_id, external_id) DO UPDATE SET details = excluded.details, rep = coalesce(excluded.rep, source_calls.rep),
    began_at = coalesce(excluded.began_at, source_calls.began_at)
RETURNING id, state
"""
JOB = """
INSERT INTO peer.jobs (id, kind, payload, priority, unique_key, state, attempts, max_attempts, run_at, created_at)
VALUES ($1, 'process_new_call', $2, 0, $3, 'queued', 0, 5, $4, $4) ON CONFLICT DO NOTHING
"""


class State:
    """What the process has."""

    pool: asyncpg.Pool
    database: str
    connection: UUID
    secret: bytes


state = State()


@asynccontextmanager
async def lifespan(_: FastAPI):
    async with asyncpg.create_pool(state.database, min_size=8, max_size=8) as state.pool:
        await state.pool.execute(SCHEMA)
        yield


app = FastAPI(lifespan=lifespan, openapi_url=None)


def new_id() -> UUID:
    """In the order of time, as ours (version 7)."""
    return UUID(int=(time_ns() // 1_000_000) << 80 | 7 << 76 | 2 << 62 | int.from_bytes(os.urandom(7)))


@app.post("/webhooks/gong/{name}")
async def take(name: str, request: Request):
    body = await request.body()
    expected = hmac.new(state.secret, body, hashlib.sha256).hexdigest()
    given = request.headers.get("x-gong-signature", "").removeprefix("sha256=")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        return Response(status_code=401)
    try:
        payload = orjson.loads(body)
        call = payload["callData"]
        told = call["metaData"]
        external_id = told["id"]
    except (ValueError, KeyError):
        return Response(status_code=422)
    key = payload.get("gong_webhook_id")
    key = f"id:{key}" if key else hashlib.sha256(
        state.connection.bytes + external_id.encode() + hashlib.sha256(body).hexdigest().encode()
    ).hexdigest()
    is_test = payload.get("isTest", False)
    began_at = datetime.fromisoformat(told["started"]) if told.get("started") else None
    user = told.get("primaryUserId")
    party = next((party for party in call.get("parties", ()) if user and party.get("userId") == user), {})
    rep = party.get("emailAddress") or party.get("name")
    now, event = datetime.now(UTC), new_id()
    async with state.pool.acquire() as connection, connection.transaction():
        kept = await connection.fetchval(
            EVENT, event, state.connection, key, external_id, body.decode(), "test" if is_test else "received", len(body), now,
        )
        if kept == event and not is_test:
            details = orjson.dumps(call).decode()
            known = await connection.fetchrow(CALL, new_id(), state.connection, external_id, now, began_at, rep, details)
            if known["state"] == "open":
                job = orjson.dumps({"source_call_id": str(known["id"])}).decode()
                await connection.execute(JOB, new_id(), job, f"process_new_call:{known['id']}", now)
    return Response(status_code=200)


@app.get("/health")
async def health():
    return Response(status_code=200)


@app.get("/counts")
async def counts():
    """How many rows the tables have, so that it is seen that all was kept."""
    tables = ("webhook_events", "source_calls", "jobs")
    return {table: await state.pool.fetchval(f"SELECT count(*) FROM peer.{table}") for table in tables}


@app.get("/fsync")
async def fsync():
    """What PostgreSQL is set to: whether a commit waits for the disk."""
    settings = ("fsync", "synchronous_commit", "full_page_writes")
    return {setting: await state.pool.fetchval(f"SHOW {setting}") for setting in settings}


def end_with_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    if len(sys.argv) != 5:
        sys.exit("usage: fastapi_webhook.py postgres://… PORT CONNECTION SECRET")
    url = urlsplit(sys.argv[1])
    # Over loopback nothing is encrypted on either side.
    state.database = urlunsplit(("postgresql", url.netloc, url.path, "sslmode=disable", ""))
    state.connection, state.secret = UUID(sys.argv[3]), sys.argv[4].encode()
    threading.Thread(target=end_with_input, daemon=True).start()
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[2]), loop="uvloop", http="httptools", access_log=False, log_level="warning",
    )


if __name__ == "__main__":
    main()
