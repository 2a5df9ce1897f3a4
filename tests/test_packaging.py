"""What leaves the house: the wheel, the command, the pins, the container's files."""

import re
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import hatchling.build
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from bot import settings

ROOT = Path(__file__).parent.parent
PINS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        name = hatchling.build.build_wheel(str(folder))
    with zipfile.ZipFile(folder / name) as archive:
        yield archive


def pins_of(path: Path) -> dict[str, Version]:
    found = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", path.read_text(), re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in found}


def found(pattern: str, name: str) -> list[str]:
    return re.findall(pattern, (ROOT / name).read_text(), re.MULTILINE)


def modules_in_the_checkout() -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for package in ("bot", "adapters", "storage")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_exactly_three_packages(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"bot", "adapters", "storage"}


def test_the_wheel_holds_every_file_of_its_packages(wheel: zipfile.ZipFile) -> None:
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == modules_in_the_checkout()


def test_the_wheel_carries_the_license_and_the_notice(wheel: zipfile.ZipFile) -> None:
    names = {name.split("/")[-1] for name in wheel.namelist() if "/licenses/" in name}
    assert names == {"LICENSE", "NOTICE"}


def test_the_command_starts_the_program() -> None:
    (command,) = entry_points(group="console_scripts", name="sora-bot")
    assert callable(command.load())


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.name)
def test_pins_name_no_place_to_fetch_from(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"://|--index|--extra-index|--find-links|--trusted-host|@ ", text)
    assert not re.search(r"(^|\s)/\w", text), "a path of somebody's machine"


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.name)
def test_every_pin_has_a_hash(path: Path) -> None:
    entries = re.split(r"^(?=[\w.-]+(?:\[[\w,-]+\])?==)", path.read_text(), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_what_the_project_needs_is_what_is_pinned(project: dict[str, Any]) -> None:
    assert unsatisfied(project["dependencies"], ROOT / "requirements/run.txt") == []


def test_what_work_on_the_project_needs_is_what_is_pinned(project: dict[str, Any]) -> None:
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + extras["dev"] + extras["sdk"]
    assert unsatisfied(wanted, ROOT / "requirements/dev.txt") == []


def test_tests_run_against_the_very_versions_that_run() -> None:
    run, dev = (pins_of(ROOT / f"requirements/{name}.txt") for name in ("run", "dev"))
    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "env.example", "try-wheel.sh"])
def test_the_container_sets_nothing_that_the_bot_does_not_know(name: str) -> None:
    known = {f"{settings.PREFIX}{field}".upper() for field in settings.Settings.model_fields}
    named = set(re.findall(rf"{settings.PREFIX}[A-Z_]+", (ROOT / "docker" / name).read_text()))
    assert named <= known | {settings.SECRETS_DIR}


def test_the_image_is_built_from_files_that_exist_and_reach_the_builder() -> None:
    lines = found(r"^COPY (?!--from)(.+) \S+$", "docker/Dockerfile")
    sources = [source.rstrip("/") for line in lines for source in line.split()]
    let_through = found(r"^!(.+)$", ".dockerignore")
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {source.split("/")[0] for source in sources} == {
        allowed.split("/")[0] for allowed in let_through
    }


def test_the_container_is_closed_unless_somebody_opens_it() -> None:
    compose = yaml.safe_load((ROOT / "docker/compose.yaml").read_text())
    service = compose["services"]["sora-bot"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert found(r"^USER (.+)$", "docker/Dockerfile") == ["10001:10001"]


def unsatisfied(wanted: list[str], path: Path) -> list[str]:
    pins = pins_of(path)
    needs = {canonicalize_name(need.name): need for need in map(Requirement, wanted)}
    return [
        str(need)
        for name, need in needs.items()
        if name not in pins or pins[name] not in need.specifier
    ]
