"""A Jetstream (version 1) before a PDS: the real firehose's events, in Jetstream's words.

The real Jetstream is a program in Go, which no registry here has. This bridge reads
``com.atproto.sync.subscribeRepos`` of a real PDS with a client library of others.
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit


class JetstreamBridge:
    """Runs until `stop`. ``url`` is where it listens; whoever names a ``cursor`` hears what came since."""

    def __init__(self, pds: str) -> None:
        from websockets.sync.server import serve

        self._events: list[tuple[int, str]] = []
        self._more = threading.Condition()
        self._end = False
        self._firehose = self._follow(pds)
        self._server = serve(self._handle, "127.0.0.1", 0)
        port = self._server.socket.getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}/subscribe"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _follow(self, pds: str) -> Any:
        from atproto import FirehoseSubscribeReposClient

        base = pds.replace("http", "ws", 1) + "/xrpc"
        client = FirehoseSubscribeReposClient(base_uri=base)
        threading.Thread(target=client.start, args=(self._take,), daemon=True).start()
        return client

    def _take(self, message: Any) -> None:
        from atproto import CAR, models, parse_subscribe_repos_message

        commit = parse_subscribe_repos_message(message)
        if not isinstance(commit, models.ComAtprotoSyncSubscribeRepos.Commit):
            return
        blocks = CAR.from_bytes(commit.blocks).blocks if commit.blocks else {}
        for op in commit.ops:
            collection, _, key = op.path.partition("/")
            told: dict[str, Any] = {
                "rev": commit.rev,
                "operation": op.action,
                "collection": collection,
                "rkey": key,
            }
            if op.cid is not None and (record := blocks.get(op.cid)) is not None:
                told |= {"record": json.loads(json.dumps(record, default=str)), "cid": str(op.cid)}
            at = time.time_ns() // 1_000
            event = {"did": commit.repo, "time_us": at, "kind": "commit", "commit": told}
            with self._more:
                self._events.append((at, json.dumps(event, separators=(",", ":"))))
                self._more.notify_all()

    def _handle(self, socket: Any) -> None:
        query = parse_qs(urlsplit(socket.request.path).query)
        wanted = set(query["wantedCollections"])
        cursor = int(query.get("cursor", [str(time.time_ns() // 1_000)])[0])
        place = 0
        while not self._end:
            with self._more:
                if len(self._events) == place:
                    self._more.wait(0.2)
                fresh = self._events[place:]
                place += len(fresh)
            for at, event in fresh:
                if at >= cursor and json.loads(event)["commit"]["collection"] in wanted:
                    socket.send(event)

    def stop(self) -> None:
        """Ends it."""
        self._end = True
        self._firehose.stop()
        self._server.shutdown()
