"""How the pages are built: `uv run --group docs sphinx-build -W -c docs . site`.

The source is the whole repository, so that links between pages, READMEs and files are those that people
follow in it.
"""

project = "dosimeter"
extensions = ["myst_parser"]
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/**.md",
    "plugins/*/README.md",
]
root_doc = "docs/contents"
html_theme = "furo"
html_title = "dosimeter"
html_copy_source = False
html_show_copyright = False
exclude_patterns = ["docs/examples/*.md"]
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
