"""From a chapter of a Chinese business book to an Anki deck, through a YAML file that people edit."""

__version__ = "0.1.0"
