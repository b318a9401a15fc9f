from datetime import datetime

import pytest

from minicron import CronError, due_jobs, parse_table

TABLE = """
# backups
0 3 * * * backup --full /data
@hourly rotate logs
"""


def test_due_jobs():
    jobs = parse_table(TABLE)
    assert due_jobs(jobs, datetime(2024, 3, 1, 3)) == ["backup --full /data", "rotate logs"]
    assert due_jobs(jobs, datetime(2024, 3, 1, 4)) == ["rotate logs"]


def test_missing_command():
    with pytest.raises(CronError, match="line 1"):
        parse_table("0 3 * * *\n")
