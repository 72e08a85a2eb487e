"""Measured against predicted: a real service and a real PostgreSQL on this machine, open-loop load on loopback.

    python3 bench/real/run.py --loadcase PATH --predict PATH [--seconds 45] [--rounds 3]

1. Starts a PostgreSQL of its own (Debian's binaries) and service.py, at most four requests at once.
2. Low load; `loadcase calibrate` turns its spans into the demands of blueprint.yaml.
3. The simulator predicts the response times at 30, 50, 70 and 80 % of the four places' capacity.
4. Drives the service at those loads, several rounds each; the medians stand against the prediction.

Writes results.md and, into the folder of samples, the spans and the statement statistics that were read. Processes it
started are ended by their id. Takes about (3 + 4 x rounds) x seconds. On a machine that does other work, start it with
real-time priority (`chrt -r 5 python3 ...`): it is idle most of the time, and would otherwise measure the others.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PLACES = 4
PG_PORT, PORT = 54731, 54732


def run(*command, **more):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True, **more).stdout


class Postgres:
    """A server of its own in a folder of its own."""

    def __init__(self, folder):
        self.data = folder / "data"
        self.bin = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        # The server refuses to run as the administrator.
        self.as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if self.as_user:
            shutil.chown(folder, "postgres")
        run(*self.as_user, self.bin / "initdb", "-D", self.data, "-A", "trust", "-U", "postgres")
        settings = {"port": PG_PORT, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder,
                    "shared_preload_libraries": "pg_stat_statements", "track_io_timing": "on", "jit": "off",
                    "autovacuum": "off", "fsync": "off", "max_parallel_workers_per_gather": "0"}
        options = " ".join(f"-c {k}={v}" for k, v in settings.items())
        run(*self.as_user, self.bin / "pg_ctl", "-D", self.data, "-o", options, "-l", self.data / "log", "-w", "start")

    def sql(self, text):
        return run("psql", "-h", "127.0.0.1", "-p", PG_PORT, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-c", text)

    def stop(self):
        run(*self.as_user, self.bin / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")


def service(spans=None):
    dsn = f"postgresql://postgres@127.0.0.1:{PG_PORT}/postgres"
    command = [sys.executable, HERE / "service.py", "--dsn", dsn, "--port", PORT, "--places", PLACES]
    process = subprocess.Popen([str(c) for c in command + (["--spans", spans] if spans else [])])
    time.sleep(2)
    return process


def end(process):
    process.send_signal(signal.SIGTERM)
    process.wait(10)


def drive(rate, seconds, seed):
    found = json.loads(run(sys.executable, HERE / "load.py", "--port", PORT, "--rate", rate, "--seconds", seconds,
                           "--seed", seed))
    found["load"] = os.getloadavg()[0]
    return found


def calibrate(postgres, given, folder):
    """Low load: a tenth of what the places can do, so that nobody waits."""
    spans = HERE / "samples" / "spans.jsonl"
    spans.parent.mkdir(exist_ok=True)
    process = service(spans)
    try:
        low = drive(15, 3 * given.seconds, 1)
    finally:
        end(process)
    postgres.sql(f"\\copy (select * from pg_stat_statements) to '{HERE}/samples/statements.csv' csv header")
    measured = folder / "measured.yaml"
    ended = subprocess.run([given.loadcase, "calibrate", spans, "--blueprint", HERE / "blueprint.yaml", "--out", measured],
                           capture_output=True, text=True, check=True)
    return low, measured, ended.stderr.strip()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--loadcase", required=True, help="the binary")
    arguments.add_argument("--predict", required=True, help="the example `predict` of crates/simulate")
    arguments.add_argument("--seconds", type=float, default=45)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="loadcase-real-"))
    postgres = Postgres(folder)
    try:
        postgres.sql("create extension pg_stat_statements")
        postgres.sql("create table orders(id serial primary key, user_id int, amount int)")
        postgres.sql("insert into orders(user_id, amount) select (random()*1000)::int, (random()*9999)::int "
                     "from generate_series(1, 10000)")
        postgres.sql("vacuum analyze orders")
        low, measured, told = calibrate(postgres, given, folder)
        busy = json.loads(run(given.predict, measured, 1))[0]["held_ms"] / 1e3
        rates = [round(share * PLACES / busy, 1) for share in (0.3, 0.5, 0.7, 0.8)]
        predicted = json.loads(run(given.predict, measured, *rates))
        process = service()
        try:
            rounds = [[drive(rate, given.seconds, 100 * turn + i) for i, rate in enumerate(rates)]
                      for turn in range(given.rounds)]
        finally:
            end(process)
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
    write(given, low, told, rates, predicted, rounds)


def priority():
    """How the processes are scheduled, which a reader has to know."""
    return ", scheduled before other work (real-time)" if os.sched_getscheduler(0) != os.SCHED_OTHER else ""


def write(given, low, told, rates, predicted, rounds):
    """The table that people read, and the same as data for the fidelity page."""
    lines = ["# Measured and predicted", "",
             f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} processors shared with other work; service, load and store "
             f"on the same machine{priority()}; {given.rounds} rounds of {given.seconds:.0f} s each, medians. Written by "
             "`run.py`.", "",
             "Calibrated at 15 requests/s:", "", "```", told, "```", "",
             f"Low load as its client saw it: mean {low['mean']:.1f} ms, p95 {low['p95']:.1f} ms over {low['requests']} "
             f"requests (load average {low['load']:.1f}).", "",
             "| places busy | requests/s | | p50, ms | p95, ms | p99, ms | sent late, p99 | load average |",
             "|---|---|---|---|---|---|---|---|"]
    errors = []
    for i, rate in enumerate(rates):
        turns = [turn[i] for turn in rounds]
        middle = lambda key: statistics.median(t[key] for t in turns)
        p = predicted[i]
        share = f"{100 * (0.3, 0.5, 0.7, 0.8)[i]:.0f} %"
        spread = "; ".join(f"{min(t[q] for t in turns):.0f} to {max(t[q] for t in turns):.0f}" for q in ("p95",))
        lines.append(f"| {share} | {rate} | measured | {middle('p50'):.1f} | {middle('p95'):.1f} ({spread}) | "
                     f"{middle('p99'):.1f} | {middle('sent_late_p99'):.1f} ms | {middle('load'):.1f} |")
        lines.append(f"| | | predicted | {p['p50']:.1f} | {p['p95']:.1f} | {p['p99']:.1f} | | |")
        off = {q: p[q] / middle(q) - 1 for q in ("p50", "p95", "p99")}
        errors.append(off)
        lines.append("| | | off by | " + " | ".join(f"{100 * off[q]:+.0f} %" for q in ("p50", "p95", "p99")) + " | | |")
    worst = max(abs(e["p95"]) for e in errors)
    lines += ["", f"Largest error of p95: {100 * worst:.0f} % (wanted: at most 25 %)."]
    lines += ["", "Not measured here: work that is bound by processors. Service, loader and store share the processors of "
              "this machine with other work, which the blueprint does not model; predictions do not hold there."]
    (HERE / "results.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


main()
