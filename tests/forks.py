"""Pieces of code, each in a process of its own in which nothing of this project is loaded yet.

What others wrote (numpy, torch, pandas, Streamlit) is: it takes seconds, and one process that has it forks for each piece.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARENT = """
import gc, json, os, sys, traceback, types
import click, numpy, pandas, plotly.graph_objects, pydantic, scipy.stats, streamlit.testing.v1, torch
torch.optim.AdamW(torch.nn.Linear(1, 1).parameters())  # the first optimizer loads more of torch
gc.freeze()  # or a child's collections copy all of it
for line in sys.stdin:
    code, env, errors = json.loads(line)
    if child := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT), 2)
    os.environ.update(env)
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        exec(compile(code, "code", "exec"), main.__dict__)
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # at once: to take down what all have loaded costs a second
    os._exit(0)
"""


@cache
def _parent() -> subprocess.Popen[str]:
    """It ends with its standard input, so at the latest with this process."""
    command = [sys.executable, "-c", PARENT]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def errors_of(code: str, folder: Path, **env: str) -> str:
    """Run code with more environment variables; what it wrote to standard error if it failed, else nothing."""
    parent, errors = _parent(), folder / "errors.txt"
    assert parent.stdin
    assert parent.stdout
    parent.stdin.write(json.dumps([code, env, str(errors)]) + "\n")
    parent.stdin.flush()
    ended = int(parent.stdout.readline())
    return f"ended with {ended}: {errors.read_text()}" if ended else ""
