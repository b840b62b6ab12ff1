"""What a reader sees of an HTML page: its tables with the marked cells, and its text by section."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Cell:
    """A cell of a table: its text, and everything in the markup that could set it apart."""

    text: str = ""
    look: set = field(default_factory=set)


class Page(HTMLParser):
    """A parsed page.

    ``tables`` are lists of rows of cells, ``sections`` maps each heading to the paragraphs and list items below it, ``pictures`` holds
    the texts that stand for pictures, ``title`` the title.
    """

    def __init__(self, text: str):
        super().__init__()
        self.tables, self.sections, self.pictures, self.title = [], {}, [], ""
        self.cell, self.block, self.open = None, None, []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.pictures.append(dict(attributes)["alt"])
            return
        if tag in ("meta", "br", "input"):
            return
        self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.cell = Cell(look=set(attributes))
            self.tables[-1][-1].append(self.cell)
        elif self.cell is not None:
            self.cell.look.add(tag)
        elif tag in ("h1", "h2", "p", "li"):
            self.block = [tag, ""]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"{tag} closes what it did not open"
        if tag in ("td", "th"):
            self.cell = None
        elif self.block and tag == self.block[0]:
            words = " ".join(self.block[1].split())
            if tag in ("h1", "h2"):
                self.sections[words] = []
            else:
                list(self.sections.values())[-1].append(words)
            self.block = None

    def handle_data(self, data):
        if self.open and self.open[-1] == "title":
            self.title += data
        elif self.cell is not None:
            self.cell.text += data
        elif self.block:
            self.block[1] += data

    def texts(self, number: int) -> list[list[str]]:
        """Return a table as rows of texts."""
        return [[cell.text.strip() for cell in row] for row in self.tables[number]]

    def marked(self, number: int) -> set[tuple[str, str]]:
        """Return (row heading, column heading) of the cells of a table that look different from the plainest of its body."""
        head, *body = self.tables[number]
        plain = set.intersection(*(cell.look for row in body for cell in row[1:]))
        return {(row[0].text, column.text) for row in body for cell, column in zip(row[1:], head[1:]) if cell.look - plain}
