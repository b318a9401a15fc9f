"""The command line."""

import argparse
import sys

from todo import storage
from todo.model import TaskNotFound


def build_parser():
    """The argument parser with its four commands."""
    parser = argparse.ArgumentParser(prog="todo")
    parser.add_argument("--file", default="todo.json", help="where the list is kept")
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="add a task")
    add.add_argument("text", nargs="+")
    listing = commands.add_parser("list", help="show open tasks")
    listing.add_argument("--all", action="store_true", help="show finished ones, too")
    for name in ("done", "remove"):
        command = commands.add_parser(name)
        command.add_argument("number", type=int)
    return parser


def main(argv=None, out=None):
    """Run one command; returns the exit code."""
    out = sys.stdout if out is None else out
    args = build_parser().parse_args(argv)
    tasks = storage.load(args.file)
    try:
        _run(args, tasks, out)
    except TaskNotFound as error:
        print(f"error: {error}", file=out)
        return 1
    storage.save(args.file, tasks)
    return 0


def _run(args, tasks, out):
    if args.command == "add":
        task = tasks.add(" ".join(args.text))
        print(f"added {task.number}: {task.text}", file=out)
    elif args.command == "done":
        print(f"done: {tasks.finish(args.number).text}", file=out)
    elif args.command == "remove":
        print(f"removed: {tasks.remove(args.number).text}", file=out)
    else:
        for task in tasks.tasks if args.all else tasks.open_tasks():
            mark = "x" if task.done else " "
            print(f"{task.number:>3} [{mark}] {task.text}", file=out)
