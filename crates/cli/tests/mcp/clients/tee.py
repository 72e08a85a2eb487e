"""Runs a server and writes down what goes over its standard input and output.

    python3 tee.py LOG COMMAND [ARGUMENT ...]

LOG gets one JSON object a line: {"client": message} or {"server": message}.
"""

import json
import subprocess
import sys
import threading

log = open(sys.argv[1], "a", encoding="utf-8")
lock = threading.Lock()
server = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def note(side, line):
    with lock:
        try:
            log.write(json.dumps({side: json.loads(line)}) + "\n")
        except ValueError:
            log.write(json.dumps({side: line.decode("utf-8", "replace")}) + "\n")
        log.flush()


def back():
    for line in server.stdout:
        note("server", line)
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


reader = threading.Thread(target=back, daemon=True)
reader.start()
for line in sys.stdin.buffer:
    note("client", line)
    server.stdin.write(line)
    server.stdin.flush()
server.stdin.close()
reader.join(timeout=5)
server.wait(timeout=5)
