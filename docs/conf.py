"""Sphinx settings: pages in Markdown, the gallery from examples/, the reference from docstrings and the registry (make docs)."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import generate_reference  # noqa: E402  beside this file

from brian2chip import __version__  # noqa: E402

project = "brian2chip"
author = "the brian2chip developers"
copyright = author
release = version = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_design", "sphinx_gallery.gen_gallery"]
exclude_patterns = ["_build", "gallery/*.ipynb", "gallery/*.py", "gallery/*.zip", "gallery/*.json"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["config.cache"]  # the sorting key of the gallery is a function
autodoc_member_order = "bysource"
add_module_names = False
autodoc_typehints = "none"  # the docstrings say types, shapes and units
napoleon_use_ivar = True

html_theme = "pydata_sphinx_theme"
html_title = f"brian2chip {release}"
html_static_path = ["_static"]
html_css_files = ["brian2chip.css"]
html_show_sourcelink = False
html_theme_options = {
    "header_links_before_dropdown": 8,
    "show_prev_next": True,
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "secondary_sidebar_items": {"**": ["page-toc"], "index": [], "results/atlas": []},  # its table is wide
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "friendly",
    "pygments_dark_style": "github-dark",
}
html_sidebars = {"index": [], "results/atlas": []}


def on_numpy(gallery_conf, name):
    """Let Brian2 run an example without compiling, and forget what the example before it made."""
    import brian2

    brian2.prefs["codegen.target"] = "numpy"
    brian2.start_scope()


sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"[\\/](?!odin_digits|odin_fine_tuning|morphic_digits|posterior_triplet)\w+\.py",  # these learn for minutes
    "ignore_pattern": r"__init__\.py",
    "reset_modules": ("matplotlib", on_numpy),
    "within_subsection_order": "FileNameSortKey",
    "remove_config_comments": True,
    "show_memory": False,
    "min_reported_time": 5,
    "image_scrapers": ("matplotlib",),
    "abort_on_example_error": False,
}


def setup(app):
    """Write the generated pages before Sphinx looks for pages."""
    generate_reference.write(HERE / "reference" / "generated")
