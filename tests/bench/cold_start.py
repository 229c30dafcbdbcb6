#!/usr/bin/env python3
"""Processor time that a compiled function takes to start and to answer.

    cargo build --release --bin platform --bin trips
    cargo dev -- --cloud-only --memory            # in another terminal; writes .env.local
    tests/bench/cold_start.py platform events/platform-getHealth.json
    tests/bench/cold_start.py trips events/trips-listTrips.json

Starts the binary against a Runtime API of its own, hands it one event again and again, and reads the processor time of the
process from /proc: when it first asks for an event, after the first answer, and over the answers that follow. Processor time,
because it says the same on a busy machine; Lambda gives a function memory / 1769 MB of a processor.
"""

import http.server
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading

STARTS = 15
WARM = 50
ROOT = pathlib.Path(__file__).resolve().parents[2]
TICK = 1000 / os.sysconf("SC_CLK_TCK")


def processor_ms(pid):
    """Exact where the scheduler tells it, else in ticks."""
    try:
        run = sum(int((task / "schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir())
        return run / 1e6
    except (FileNotFoundError, ValueError, IndexError):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * TICK


class Runtime(http.server.ThreadingHTTPServer):
    def __init__(self, event):
        super().__init__(("127.0.0.1", 0), Handler)
        self.event, self.marks, self.pid = event, [], None
        self.statuses, self.done = [], threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        server.marks.append(processor_ms(server.pid))
        if len(server.marks) > WARM + 1:
            server.done.set()
            threading.Event().wait(60)
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", str(len(server.marks)))
        self.send_header("Lambda-Runtime-Deadline-Ms", "99999999999999")
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:000000000000:function:bench")
        self.answer(server.event)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/response"):
            self.server.statuses.append(json.loads(body).get("statusCode"))
        self.send_response(202)
        self.answer(b"")

    def answer(self, body):
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start(binary, event, environment):
    server = Runtime(event)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    process = subprocess.Popen(
        [binary],
        env={**environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}", "AWS_LAMBDA_FUNCTION_NAME": "bench",
             "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_LAMBDA_FUNCTION_VERSION": "1", "RUST_LOG": "error"},
        stdout=subprocess.DEVNULL,
    )
    server.pid = process.pid
    if not server.done.wait(60):
        sys.exit("the function did not answer")
    resident = pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[1]
    process.kill()
    process.wait()
    server.shutdown()
    marks = server.marks
    return marks[0], marks[1] - marks[0], (marks[WARM + 1] - marks[1]) / WARM, int(resident) * 4 / 1024, server.statuses


def main():
    name, event = sys.argv[1], pathlib.Path(sys.argv[2]).read_bytes()
    folder = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    lines = (ROOT / ".env.local").read_text().splitlines()
    environment = dict(line.split("=", 1) for line in lines if "=" in line)
    runs = [start(str(folder / name), event, environment) for _ in range(STARTS)]
    median = [statistics.median(run[column] for run in runs) for column in range(4)]
    print(f"{name}: {(folder / name).stat().st_size / 1e6:.1f} MB, answers {sorted(set(runs[-1][4]))}")
    print(f"  start      {median[0]:7.2f} ms of processor")
    print(f"  1st answer {median[1]:7.2f} ms")
    print(f"  answer     {median[2]:7.2f} ms, each of the next {WARM}")
    print(f"  resident   {median[3]:7.1f} MB")


main()
