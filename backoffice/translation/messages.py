"""
The messages of the program: every string that it shows, found in Python sources and templates.

Plain Python, because gettext's own programs are not on every machine that runs the checks.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.template.base import Lexer, Token, TokenType
from django.utils.translation import trim_whitespace
from django.utils.translation.template import (
    block_re,
    constant_re,
    endblock_re,
    inline_re,
    plural_re,
)

# The number of leading text arguments, and which of them is (context, msgid, plural).
_ARGUMENTS: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
_TRANSLATION_MODULE = "django.utils.translation"
_TEMPLATE_SUFFIXES = (".html", ".txt")
_INLINE_TAG = re.compile(r"^\s*trans(?:late)?\s")
_TRIMMED = re.compile(r"\strimmed(?:\s|$)")


@dataclass(frozen=True)
class Message:
    """One string to translate; `places` are files, relative and sorted."""

    context: str | None
    msgid: str
    plural: str | None
    places: tuple[str, ...]

    @property
    def key(self) -> tuple[str | None, str]:
        """What gettext looks a message up by."""
        return (self.context, self.msgid)


@dataclass
class Extraction:
    """What was found, and what could not be read (`problems`, each with its file and line)."""

    messages: dict[tuple[str | None, str], Message] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, *, context: str | None, msgid: str, plural: str | None, place: str) -> None:
        """Add one sighting, joined with earlier ones of the same context and msgid."""
        known = self.messages.get((context, msgid))
        places = {place} if known is None else {place, *known.places}
        kept_plural = plural if known is None or known.plural is None else known.plural
        message = Message(context, msgid, kept_plural, tuple(sorted(places)))
        self.messages[message.key] = message


def extract_folders(*, folders: Iterable[Path], root: Path) -> Extraction:
    """
    Return the messages of all Python files and of all templates below `folders`.

    Places are given relative to `root`. A template is an .html or .txt file below a folder
    named "templates". Nothing found is an empty extraction.
    """
    found = Extraction()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            place = path.relative_to(root).as_posix()
            if path.suffix == ".py":
                extract_python(source=path.read_text("utf-8"), place=place, into=found)
            elif path.suffix in _TEMPLATE_SUFFIXES and "templates" in path.parts:
                extract_template(source=path.read_text("utf-8"), place=place, into=found)
    return found


def extract_python(*, source: str, place: str, into: Extraction) -> None:
    """
    Add the messages of one Python source to `into`.

    Calls are recognised by what the file imports from django.utils.translation, so an alias is
    found and a throw-away `_` is not. A text argument that is not a literal (an f-string, a name,
    a sum) becomes a problem: no translator could see it.
    """
    if _TRANSLATION_MODULE not in source and "import translation" not in source:
        return
    tree = ast.parse(source)
    names, modules = _imported_names(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = _called_function(node.func, names=names, modules=modules)
        if function is None:
            continue
        context_at, msgid_at, plural_at = _ARGUMENTS[function]
        texts = [_literal(argument) for argument in node.args]
        wanted = [at for at in (context_at, msgid_at, plural_at) if at is not None]
        if any(at >= len(texts) or not texts[at] for at in wanted):
            into.problems.append(f"{place}:{node.lineno}: {function}() needs literal, non-empty text")
            continue
        into.add(
            context=None if context_at is None else texts[context_at],
            msgid=texts[msgid_at] or "",
            plural=None if plural_at is None else texts[plural_at],
            place=place,
        )


def extract_template(*, source: str, place: str, into: Extraction) -> None:
    """
    Add the messages of one template to `into`.

    Reads translate, blocktranslate (trimmed, plural, context) and _("...") inside tags and
    variables; a percent sign is doubled as Django does at run time. {% translate variable %}
    becomes a problem.
    """
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
            continue
        if token.token_type == TokenType.BLOCK and token.contents.split()[:1] == ["comment"]:
            _skip_comment(tokens)
            continue
        block = block_re.match(token.contents)
        inline = inline_re.match(token.contents)
        if token.token_type == TokenType.BLOCK and block:
            _add_block(token, tokens, context=block[2], place=place, into=into)
        elif token.token_type == TokenType.BLOCK and inline:
            _add_inline(inline[1], context=inline[3], place=place, into=into)
        elif token.token_type == TokenType.BLOCK and _INLINE_TAG.match(token.contents):
            into.problems.append(f"{place}:{token.lineno}: translate needs literal text")
        for constant in constant_re.findall(token.contents):
            _add_inline(constant, context=None, place=place, into=into)


def _imported_names(tree: ast.Module) -> tuple[dict[str, str], set[str]]:
    """Return the local names of gettext's functions, and those of the translation module."""
    names: dict[str, str] = {}
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == _TRANSLATION_MODULE:
            names |= {a.asname or a.name: a.name for a in node.names if a.name in _ARGUMENTS}
        elif isinstance(node, ast.ImportFrom) and node.module == "django.utils":
            modules |= {a.asname or a.name for a in node.names if a.name == "translation"}
        elif isinstance(node, ast.Import):
            modules |= {a.asname or a.name for a in node.names if a.name == _TRANSLATION_MODULE}
    for node in ast.walk(tree):
        # `_ = gettext_lazy`
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            function = names.get(node.value.id)
            targets = [t.id for t in node.targets if isinstance(t, ast.Name)]
            names |= {target: function for target in targets if function is not None}
    return names, modules


def _called_function(func: ast.expr, *, names: dict[str, str], modules: set[str]) -> str | None:
    """Return which of gettext's functions `func` is, or None."""
    if isinstance(func, ast.Name):
        return names.get(func.id)
    if isinstance(func, ast.Attribute) and func.attr in _ARGUMENTS:
        return func.attr if ast.unparse(func.value) in modules else None
    return None


def _literal(node: ast.expr) -> str | None:
    """Return the text of a string literal (adjacent literals are one), or None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _skip_comment(tokens: Iterator[Token]) -> None:
    for token in tokens:
        if token.token_type == TokenType.BLOCK and token.contents == "endcomment":
            return


def _add_inline(quoted: str, *, context: str | None, place: str, into: Extraction) -> None:
    msgid = quoted[1:-1].replace("%", "%%")
    into.add(context=context[1:-1] if context else None, msgid=msgid, plural=None, place=place)


def _add_block(
    opening: Token,
    tokens: Iterator[Token],
    *,
    context: str | None,
    place: str,
    into: Extraction,
) -> None:
    """Add the text between blocktranslate and its end, as Django will look it up."""
    forms: list[list[str]] = [[]]
    for token in tokens:
        if token.token_type == TokenType.TEXT:
            forms[-1].append(token.contents.replace("%", "%%"))
        elif token.token_type == TokenType.VAR:
            forms[-1].append(f"%({token.contents})s")
        elif token.token_type == TokenType.BLOCK and plural_re.match(token.contents):
            forms.append([])
        elif token.token_type == TokenType.BLOCK and endblock_re.match(token.contents):
            break
        elif token.token_type == TokenType.BLOCK:
            into.problems.append(f"{place}:{token.lineno}: a tag inside blocktranslate")
    texts = ["".join(form) for form in forms]
    if _TRIMMED.search(opening.contents):
        texts = [trim_whitespace(text) for text in texts]
    plural = texts[1] if len(texts) > 1 else None
    into.add(context=context[1:-1] if context else None, msgid=texts[0], plural=plural, place=place)
