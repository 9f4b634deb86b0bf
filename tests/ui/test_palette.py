"""What the palette puts first."""

from gui.command_palette import MOST, Thing, best


def thing(title: str, kind: str = "alder", weight: int = 0) -> Thing:
    return Thing(title, kind, "monitor", lambda: None, weight=weight)


def titles(things: list[Thing], typed: str) -> list[str]:
    return [one.title for one in best(things, typed)]


def test_the_start_of_a_title_comes_first() -> None:
    things = [thing("my web"), thing("cobweb"), thing("web-01")]
    assert titles(things, "web") == ["web-01", "my web", "cobweb"]


def test_every_word_must_be_there_in_any_order() -> None:
    things = [thing("Copy the rows as CSV"), thing("Copy the cell"), thing("csv-host")]
    assert titles(things, "csv copy") == ["Copy the rows as CSV"]


def test_the_kind_is_searched_too() -> None:
    assert titles([thing("db-01", "birch"), thing("db-02", "cedar")], "db birch") == ["db-01"]


def test_actions_come_before_machines_and_equals_by_name() -> None:
    things = [thing("quarry-2"), thing("quarry-1"), thing("Quarantine", weight=4)]
    assert titles(things, "quar") == ["Quarantine", "quarry-1", "quarry-2"]


def test_nothing_typed_shows_the_heaviest_and_never_too_many() -> None:
    things = [thing(f"vm-{number:04d}") for number in range(500)] + [thing("Quit", weight=4)]
    found = titles(things, "")
    assert found[0] == "Quit"
    assert len(found) == MOST
