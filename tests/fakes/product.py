"""The product's own binary while a script beside it runs, and who owns a workspace there."""

import contextlib
import decimal
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from playing import PATIENCE, binary, running


class Owner:
    """Somebody who signs up and makes a workspace, at the REST API."""

    def __init__(self, url, outbox):
        self.url, self.token = url, None
        account = {"email": "owner@example.com", "password": "correct horse battery"}
        self.call("POST", "/api/v1/auth/signup", {**account, "display_name": "Owner"})
        proof = until("no mail came", lambda: next(map(proof_in, outbox.glob("*.eml")), None))
        self.call("GET", f"/api/v1/auth/verify-email?token={proof}")
        self.token = self.call("POST", "/api/v1/auth/login", account)["access_token"]
        workspace = self.call("POST", "/api/v1/workspaces", {"name": "Clients"})["id"]
        self.workspace = f"/api/v1/workspaces/{workspace}"

    def call(self, method, path, body=None):
        headers = {"content-type": "application/json"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            return json.loads(urllib.request.urlopen(request).read() or "null")
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path} answered {error.code}: {error.read().decode()}")

    def key(self):
        new = {"name": "A program", "scopes": ["ai:read", "ai:write"]}
        return self.call("POST", self.workspace + "/api-keys", new)["key"]

    def limits(self, dollars):
        self.call("PUT", self.workspace + "/budget", {"limit_usd": dollars})

    def spent(self):
        """What the month has cost, once nothing is held for a call any more."""

        def settled():
            usage = self.call("GET", "/api/v1/ai/usage")
            return usage if usage["reserved_usd"] == "0" else None

        return decimal.Decimal(until("money is still held", settled)["spent_usd"])


def proof_in(mail):
    return re.search(r"verify-email\?token=([\w-]+)", mail.read_text()).group(1)


def until(trouble, look):
    for _ in range(PATIENCE * 20):
        found = look()
        if found:
            return found
        time.sleep(0.05)
    sys.exit(trouble)


@contextlib.contextmanager
def product(provider):
    """The product while it runs on an empty folder: its URL, and where its mails are."""
    path = binary(2, "raptorflow", "raptorflow")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "w+") as log:
        # Nothing of the machine's own settings: a provider's key among them would be used.
        settings = {
            "ENVIRONMENT": "development",
            "LOG_LEVEL": "warn",
            "PORT": str(port),
            "DATA_DIR": folder,
            "OPENAI_BASE_URL": provider + "/v1",
            "OPENAI_API_KEY": "k",
            "RATE_LIMIT_PER_MINUTE": "1000",
            "RATE_LIMIT_AI_PER_MINUTE": "1000",
        }
        with running([path, "serve"], env=settings, stdout=log, stderr=subprocess.STDOUT) as program:

            def ready():
                if program.poll() is not None:
                    log.seek(0)
                    sys.exit("the product did not start: " + log.read())
                with contextlib.suppress(OSError):
                    return urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready")

            until("the product does not get ready", ready)
            yield f"http://127.0.0.1:{port}", pathlib.Path(folder, "outbox")
