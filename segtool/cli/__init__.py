"""The command line: one module a command, ``output`` for all printing, ``app`` for the assembly."""

import os

# Small matrices: waking a second thread of numpy's linear algebra costs twice the CPU time and saves none. Set before
# numpy is imported; a user's own setting wins.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
