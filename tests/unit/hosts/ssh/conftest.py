"""The SSH process does not care which loop its session runs on: one is enough here."""

import asyncio

import pytest

from tests.unit.hosts.conftest import Run


@pytest.fixture
def run() -> Run:
    return lambda scenario: asyncio.run(scenario())
