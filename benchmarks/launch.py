"""Run a command from a small process and print its exit code, CPU seconds, clock seconds and peak in bytes.

A process inherits the peak of the one that starts it, hence this one, which imports next to nothing. Waiting by
wait4 gives the use of the command and of all children that it waited for.
"""

import os
import sys
import time

start = time.perf_counter()
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, used = os.wait4(process, 0)
wall = time.perf_counter() - start
peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, wall, peak)
