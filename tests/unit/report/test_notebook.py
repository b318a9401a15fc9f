"""The notebook: executed for real, and concluding from its data."""

from __future__ import annotations

import json

import pytest

from orchestrator.report.notebook import write_notebook
from tests.unit.report.made import many, results, row

pytest.importorskip("nbclient")


def printed(path) -> str:
    """Everything that the cells printed; none may have failed."""
    cells = json.loads(path.read_text())["cells"]
    outputs = [output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    return "".join("".join(output.get("text", "")) for output in outputs)


def test_it_concludes_from_the_data(tmp_path):
    """Ten flips one way are shown in total, fresh instances alone are too few, and each rate has its interval."""
    before = results([row(f"r__r-{i}", i < 5, fresh=i > 16) for i in range(20)], run="before")
    after = results([row(f"r__r-{i}", i < 15, fresh=i > 16) for i in range(20)], run="after")
    write_notebook(tmp_path / "AB.ipynb", [before, after])
    text = printed(tmp_path / "AB.ipynb")
    assert "all (20 pairs): after resolves more (McNemar, exact: p = 0.00195)" in text
    assert "fresh only (3 pairs): NOT SHOWN: 0 flips cannot show a difference" in text
    assert "after: 15 of 20 resolved, which is compatible with a true rate from 53% to 89%" in text


@pytest.mark.slow
def test_one_run_alone_shows_no_difference(tmp_path):
    """Nothing is compared where there is nothing to compare with."""
    write_notebook(tmp_path / "one.ipynb", [many(5, 2)])
    assert "one run only, so nothing is compared: NOT SHOWN" in printed(tmp_path / "one.ipynb")
