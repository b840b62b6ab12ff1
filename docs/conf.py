"""Sphinx settings: the guides as they are, and the public names from their docstrings (make docs)."""

from brian2chip import __version__

project = "brian2chip"
author = "the brian2chip developers"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
myst_heading_anchors = 2
html_theme = "alabaster"
html_title = f"brian2chip {release}"
autodoc_member_order = "bysource"
