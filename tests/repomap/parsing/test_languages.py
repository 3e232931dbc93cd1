"""The language of a file follows from its name, and from its text where several languages use a suffix."""

import pytest

from repomap.parsing.language_by_text import sniff
from repomap.parsing.languages import language_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        *((f"a{suffix}", "cpp") for suffix in (".ino", ".pde", ".tcc", ".txx", ".ixx", ".cppm", ".ccm")),
        *((name, "python") for name in ("a.bzl", "BUILD.bazel", "a.star", "a.pyx", "a.pyi")),
        *((name, "ruby") for name in ("a.rbi", "a.rbw")),
        *((name, "php") for name in ("a.module", "a.install", "a.ctp")),
        *((name, "javascript") for name in ("a.es6", "a.jsm", "a.js.flow")),
        ("a.mdx", "markdown"),
        ("a.flow", None),
    ],
)
def test_a_suffix_names_its_language(path: str, language: str | None) -> None:
    """Those of build systems, modules and stubs, too."""
    found = language_of(path)
    assert (found.name if found else None) == language


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("a.t", "use Test::More;\nok 1;\n", "perl"),
        ("a.t", "Set up:\n\n  $ hg init\n  $ ls\n  a\n", None),
        ("a.pl", "use strict;\nmy $x = 1;\n", "perl"),
        ("a.pl", ":- module(a, [b/1]).\nb(1).\n", None),
        ("a.v", "module m(input a);\nendmodule\n", "verilog"),
        ("a.v", "Require Import List.\nLemma a : True.\nProof. auto. Qed.\n", None),
        ("a.v", "module main\n\nfn main() {\n}\n", None),
        ("a.inc", "<?php\nfunction f() {}\n", "php"),
        ("a.inc", "#define A 1\nint f(void);\n", "c"),
        ("a.inc", "      integer a\n      common /b/ a\n", "fortran"),
        ("a.inc", "just words\n", None),
        ("a.m", "@implementation A\n@end\n", "objc"),
        ("a.m", "% adds\nfunction c = add(a, b)\n", None),
        ("a.ts", "export const a = 1\n", "typescript"),
        ("a.ts", '<?xml version="1.0"?>\n<TS></TS>\n', None),
        ("a.module", "<?php\nfunction hook() {}\n", "php"),
        ("a.module", "name: x\n", None),
    ],
)
def test_the_text_decides_where_a_suffix_is_shared(path: str, text: str, language: str | None) -> None:
    """A wrong grammar would find definitions that are none."""
    found = sniff(path, text.encode())
    assert (found.name if found else None) == language
