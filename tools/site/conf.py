"""Sphinx's settings. The pages that it reads are staged by `tools.site.pages`."""

import re
from pathlib import Path

_VERSION = (Path(__file__).parents[2] / "mldeploy" / "__init__.py").read_text(encoding="utf-8")

project = "mldeploy"
version = release = re.findall(r'^__version__ = "(.+)"', _VERSION, re.MULTILINE)[0]
author = "the mldeploy contributors"
copyright = author  # noqa: A001 - Sphinx's own name
language = "en"
extensions = ["myst_parser", "sphinx_copybutton"]
root_doc = "index"
exclude_patterns: list[str] = []
nitpicky = True
# The examples' answers are JSON with "…" in it, which no lexer knows.
suppress_warnings = ["misc.highlighting_failure"]

myst_heading_anchors = 5
myst_links_external_new_tab = False

html_theme = "furo"
html_title = f"mldeploy {release}"
html_static_path = [str(Path(__file__).with_name("static"))]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_last_updated_fmt = None
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5c8a", "color-brand-content": "#0b5c8a"},
    "dark_css_variables": {"color-brand-primary": "#7cc4ee", "color-brand-content": "#7cc4ee"},
}

# The button copies what one types: no prompt, no output, no comment.
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True
copybutton_exclude = ".linenos, .gp, .go"
