"""No picture of the pages is older than what it shows, and what counts of the code is what is seen of it."""

import ast
from pathlib import Path

from build_steps import pictures, stamps

ADDON = stamps.ROOT / "blender_addon"


def test_no_picture_is_older_than_what_it_shows():
    old = stamps.stale()
    visits = {stamps.visit_of(Path(picture)) for picture in old}
    names = [name for name in pictures.listed() if stamps.visit_of(Path(name)) in visits]
    assert old == [], f"Look at them, and make them anew: python3 build.py docs --pictures {' '.join(names)}"


def test_a_picture_is_stale_once_its_panel_shows_something_else_and_not_when_code_is_moved():
    panel = """
LABEL = "Size"
PLACES: dict[str, str] = {"ABOVE": "Above"}
class Own:
    proxy: StringProperty(name="Proxy", description="Such as a server")
    __annotations__ = {"cache": StringProperty(name="Cache", description="Where frames go")}
    limit = setting(1, "Limit", "How much is kept", least=0)
    def draw(self, context):
        "Draws."
        self.layout.prop(own, "size")
    def words(self):
        return f"{self.count} frames"
"""
    shown = stamps.layout(ast.parse(panel))
    same = {
        "Draws.": "Shows.",
        "Such as a server": "A server",
        "Where frames go": "Frames",
        "How much is kept": "Most",
        "self.layout": "for row in rows:\n            row",
        "return": "# Why.\n        report('No more.')\n        return",
    }
    other = {
        '"size"': "Cancel.bl_idname",
        '"Size"': '"Width"',
        "Proxy": "Via",
        "Cache": "Kept",
        "Limit": "Most",
        "Above": "On Top",
        " frames": " pictures",
    }
    for before, after in (same | other).items():
        changed = stamps.layout(ast.parse(panel.replace(before, after)))
        assert (changed == shown) == (before in same), before


def test_whatever_panels_draw_in_words_is_known_of_some_picture():
    seen = {stamps.ROOT / place for places in stamps.SHOWS.values() for place in places}
    drawing = [
        path
        for path, tree in ((path, ast.parse(path.read_text(encoding="utf-8"))) for path in ADDON.rglob("*.py"))
        if any(isinstance(node, ast.FunctionDef) and node.name.startswith("draw") for node in ast.walk(tree))
        and any(isinstance(node, ast.ClassDef) and is_drawn(node) for node in ast.walk(tree))
    ]
    assert len(drawing) > 10
    menus = ADDON / "sequencer" / "menus.py"  # its entries are on no picture
    assert [path for path in drawing if path not in seen] == [menus]


def is_drawn(node: ast.ClassDef) -> bool:
    """Whether a class is a panel, a menu, a list or a node of Blender's, or an operator's dialog."""
    return any(ast.unparse(base).endswith(("Panel", "Menu", "UIList", "Node", "Operator")) for base in node.bases)
