"""What the panel's tables hold."""

from adapters.web.panel_rows import usage_rows
from bot.domain.reports import By, When, report_of
from bot.domain.usage import Usage


def test_usage_has_a_row_for_each_person_and_their_sum_below() -> None:
    found = [("ana", Usage(2, 16, 1160, 1_600_000)), ("ben", Usage(1, 8, 80, 0))]
    rows = usage_rows(report_of(By.USER, When.MONTH, found))
    texts = [[cell["text"] for cell in row["cells"]] for row in rows]
    assert texts == [
        ["@ana", "2", "16", "1,160", "$1.60"],
        ["@ben", "1", "8", "80", "$0.00"],
        ["All together", "3", "24", "1,240", "$1.60"],
    ]
    assert len({row["key"] for row in rows}) == 3


def test_a_month_without_anything_has_no_rows() -> None:
    assert usage_rows(report_of(By.USER, When.MONTH, [])) == []
