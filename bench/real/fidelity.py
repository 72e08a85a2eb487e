"""Puts the errors of results.md into catalog/fidelity/d-real.yaml: what `loadcase explain fidelity` shows."""

import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "catalog" / "fidelity" / "d-real.yaml"

text = (HERE / "results.md").read_text()
day = re.search(r"^\d{4}-\d{2}-\d{2}", text, re.M).group()
shares = [int(s) for s in re.findall(r"^\| (\d+) % \|", text, re.M)]
rows = [[int(n) / 100 for n in re.findall(r"([+-]\d+) %", line)] for line in text.splitlines() if "| off by |" in line]
words = {30: "three tenths", 50: "half", 70: "seven tenths", 80: "eight tenths"}
entry = lambda what, value: (f'  - {{what: "{what}", value: {value}, unit: share, source: bench/real/results.md, as_of: "{day}"}}')
lines = [entry("Largest error of the median", max(abs(r[0]) for r in rows)),
         entry("Largest error of the p99", max(abs(r[2]) for r in rows))]
for share, row in zip(shares, rows):
    lines.append(entry(f"Error of the p95 with {words[share]} of the places taken", abs(row[1])))
head = PAGE.read_text().split("measured:")[0]
PAGE.write_text(head + "measured:\n" + "\n".join(lines) + "\n")
