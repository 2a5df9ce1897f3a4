"""The benches still run and lose nothing. What they measure on a busy machine says little."""

import sys
from pathlib import Path

import pytest

from bench import accept, library, polling, uploads, wakeups
from bench.__main__ import BENCHES, main
from bench.figures import Bench, Figure, quantile, rows, table

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize(
    "bench",
    [
        pytest.param(accept.run, id="accept"),
        pytest.param(wakeups.run, id="wakeups"),
        pytest.param(polling.run, id="polling"),
        pytest.param(library.run, id="library"),
        pytest.param(uploads.run, id="uploads", marks=on_linux),
    ],
)
async def test_a_bench_measures_something(bench: Bench, tmp_path: Path) -> None:
    found = await bench(tmp_path, quick=True)
    assert all(one.value >= 0 for one in found)
    assert any(one.value > 0 for one in found)
    assert any(one.met is not None for one in found)


def test_a_bench_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--quick", "speed"])
    assert "no bench called speed" in capsys.readouterr().err


def test_every_bench_has_its_part_of_the_page() -> None:
    page = Path("bench/README.md").read_text("utf-8")
    for name in BENCHES:
        assert f"### {name}" in page


def test_a_quantile_is_one_of_the_values() -> None:
    values = [float(number) for number in range(1, 101)]
    assert quantile(values, 0.5) == 50
    assert quantile(values, 0.99) == 99
    assert quantile([7.0], 0.99) == 7


def test_a_goal_is_met_or_missed() -> None:
    found = [
        Figure("pace", 250, "1/s", least=200),
        Figure("lag", 61.2, "ms", most=50),
        Figure("size", 1234.5, "MiB"),
    ]
    assert [one.met for one in found] == [True, False, None]
    assert table(rows("demo", found)).splitlines()[2:] == [
        "| demo  | pace   | 250   | 1/s  | ≥ 200 | met    |",
        "| demo  | lag    | 61.2  | ms   | ≤ 50  | missed |",
        "| demo  | size   | 1,234 | MiB  |       |        |",
    ]
