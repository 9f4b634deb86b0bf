"""How many lab tests ran, how many did not, and why; under RINGFENCE_LAB=require that can fail."""

import os
from collections import Counter

import pytest

from tests.lab import __name__ as lab_package

PREFIX = lab_package.replace(".", "/") + "/"


class LabTally:
    """Counts every test below tests/lab by whether its body was entered."""

    def __init__(self) -> None:
        self.run: set[str] = set()
        self.not_run: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.nodeid.startswith(PREFIX):
            return
        if report.when == "call" and not report.skipped:
            self.run.add(report.nodeid)
        elif report.when != "teardown" and report.outcome != "passed":
            self.not_run[report.nodeid] = _reason(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        required = os.environ.get("RINGFENCE_LAB") == "require"
        if required and self.not_run and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """The last line of all, after pytest's own."""
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and (self.run or self.not_run):
            reporter.write_line(self.summary())

    def summary(self) -> str:
        line = f"lab: {len(self.run)} run, {len(self.not_run)} not run"
        reasons = Counter(self.not_run.values()).most_common(5)
        return f"{line}, {'; '.join(reason for reason, _ in reasons)}" if reasons else line


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return (report.longreprtext.strip().splitlines() or ["failed before it began"])[-1][:200]
