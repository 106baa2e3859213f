"""The program of one case, to be run live: answers one line for each line that it is sent.

    case_program.py CASE FOLDER [busy]        busy: its main thread computes all the time
"""
import os
import sys
import threading
import time

sys.path[:0] = [sys.argv[2], os.path.dirname(os.path.abspath(__file__))]

from cases import CASES, Program  # noqa: E402


def answers(program):
    print("ready", flush=True)
    for line in sys.stdin:
        what, _, number = line.partition(" ")
        if what == "live":
            print(program.live(int(number)), flush=True)
        else:  # seconds of processor time so far
            print(time.process_time(), flush=True)


def busy():
    while True:
        sum(range(1000))


program = Program(CASES[sys.argv[1]])
program.load()
if sys.argv[3:] == ["busy"]:
    thread = threading.Thread(target=lambda: (answers(program), os._exit(0)))
    thread.start()
    busy()
else:
    answers(program)
