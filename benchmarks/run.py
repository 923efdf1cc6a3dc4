"""Run the benchmarks by hand and print one table: python benchmarks/run.py [--quick] [--only NAME]...

README.md beside this file says what the cases are and how to read the table.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from cases import CASES, Bench
from clusters import kubectl
from measure import RunError
from report import HEAD, Row, line


def options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description="Time regfix against its peers.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, few runs, no verdict")
    parser.add_argument("--only", action="append", choices=CASES, help="only this case (repeatable)")
    beside = str(Path(sys.executable).with_name("regfix"))
    parser.add_argument("--regfix", default=shlex.quote(beside), metavar="CMD", help="the command to time")
    return parser.parse_args()


def first_line(*argv: str) -> str:
    """The first line that a program prints, empty where it does not run."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.partition("\n")[0]


def ruamel_version() -> str:
    """The version of ruamel.yaml, empty where it is not installed."""
    try:
        return f"ruamel.yaml {importlib.metadata.version('ruamel.yaml')}"
    except importlib.metadata.PackageNotFoundError:
        return ""


def ripgrep() -> str:
    """The path of ripgrep: the one of this environment, else the one of the system."""
    here = str(Path(sys.executable).parent)
    return shutil.which("rg", path=here) or shutil.which("rg") or "rg"


def find_peers() -> dict[str, str]:
    """The peers that are here, with their versions."""
    sed = first_line("sed", "--version")
    found = {
        "ripgrep": first_line(ripgrep(), "--version"),
        "GNU sed": sed,
        "ruamel.yaml": ruamel_version(),
        "skopeo": first_line("skopeo", "--version"),
        "docker-registry": first_line("docker-registry", "--version"),
        "kubectl": first_line(kubectl(), "version", "--client"),
    }
    return {name: version for name, version in found.items() if version}


def machine(regfix: tuple[str, ...], peers: dict[str, str]) -> str:
    """The line that says where the numbers come from."""
    own = first_line(*regfix, "--version") or shlex.join(regfix)
    system = f"{os.cpu_count()} cores, {platform.system()} {platform.release()} {platform.machine()}"
    folder = first_line("stat", "-f", "-c", "%T", tempfile.gettempdir()) or "unknown"
    state = f"{tempfile.gettempdir()} on {folder}; load {os.getloadavg()[0]:.1f}"
    return "; ".join((system, state, f"Python {platform.python_version()}", own, *peers.values()))


def run_case(name: str, arguments: argparse.Namespace, regfix: tuple[str, ...]) -> bool:
    """Print the rows of a case; whether none is over its limit."""
    good = True
    with tempfile.TemporaryDirectory(prefix="regfix-bench-") as folder:
        bench = Bench(regfix, ripgrep(), Path(folder), arguments.quick)
        try:
            for row in CASES[name].rows(bench):
                good = show(row, arguments.quick) and good
        except RunError as error:
            print(f"{name}: failed: {error}", flush=True)
            good = False
    return good


def show(row: Row, quick: bool) -> bool:
    """Print a row; a quick run shows the limits and gives no verdict."""
    cells = list(row.cells())
    if quick:
        cells[7] = ""
    print(line(cells), flush=True)
    return quick or row.within is not False


def main() -> int:
    """Run the chosen cases; 1 if something is over its limit or failed."""
    arguments = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the temporary folder is removed then, too
    program, *more = shlex.split(arguments.regfix)
    if not (found := shutil.which(program)):
        sys.exit(f"{program} is not there; name the command with --regfix")
    regfix = (str(Path(found).absolute()), *more)
    peers = find_peers()
    print(machine(regfix, peers), line(HEAD), sep="\n", flush=True)
    good = True
    for name in arguments.only or CASES:
        if missing := [peer for peer in CASES[name].needs if peer not in peers]:
            print(f"{name}: left out, not here: {', '.join(missing)}", flush=True)
            continue
        good = run_case(name, arguments, regfix) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
