"""What the scripts beside it share: programs that end with the script, the turns of the fake, and checks."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
TEXT = "Good morning, Zürich."
SAYS = {"turn": "says", "answer": {"text": TEXT, "pieces": 4}}
CALLS = {"turn": "says", "answer": {"text": "", "calls": [["weather", {"city": "Zürich"}]]}}
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
BREAKS = {"turn": "breaks_after", "n": 2, "answer": {"text": TEXT, "pieces": 4}}
HALF = "Good morni"

# In seconds.
PATIENCE = 60

# Who ends the script by a signal ends its programs, too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))


def binary(place, package, name):
    """The path that the script was given at this place, or else the binary that cargo builds."""
    if len(sys.argv) > place:
        return sys.argv[place]
    subprocess.run(["cargo", "build", "--quiet", "--package", package, "--bin", name], cwd=ROOT, check=True)
    metadata = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    told = subprocess.run(metadata, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    return os.path.join(json.loads(told)["target_directory"], "debug", name)


@contextlib.contextmanager
def running(command, **how):
    program = subprocess.Popen(command, **how)
    try:
        yield program
    finally:
        program.terminate()
        try:
            program.wait(PATIENCE)
        finally:  # it does not end, or a signal came meanwhile
            program.kill()
            program.wait()


@contextlib.contextmanager
def fake():
    """The fake while it runs, by its URL."""
    with running([binary(1, "fakes", "fake-models")], stdout=subprocess.PIPE, text=True) as program:
        url = program.stdout.readline().strip()
        if not url:
            sys.exit("the fake did not start")
        play.url = url
        yield url


def play(*turns):
    for turn in turns:
        body = json.dumps(turn).encode()
        request = urllib.request.Request(play.url + "/_fake/play", body, {"content-type": "application/json"})
        urllib.request.urlopen(request).read()


def refuses(status, **more):
    return {"turn": "refuses", "status": status, **more}


def check(name, got, expected):
    if got != expected:
        print(f"not ok {name}\n  expected {expected!r}\n  got      {got!r}")
        sys.exit(1)
    print(f"ok {name}")


def raised(kinds, act):
    """What `act` raises, and what it had yielded by then."""
    had = []
    try:
        for part in act():
            had.append(part or "")
    except kinds as error:
        return error, "".join(had)
    return None, "".join(had)
