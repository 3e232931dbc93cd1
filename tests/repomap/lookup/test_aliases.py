"""What a package offers under another name is found by both."""

import pytest
from corpora import index_data_of

from repomap.lookup.references import references
from repomap.lookup.symbols import symbol
from repomap.mapping.tokens import count_tokens

CASES = {
    "typescript": {
        "dates.ts": "export function day(d: Date) { return 1 }\n",
        "index.ts": "export { day as today } from './dates'\n",
        "use.ts": "import { today } from './index'\nexport const x = today(new Date())\n",
    },
    "python": {
        "pkg/__init__.py": "from .dates import (\n    day as today,\n)\n",
        "pkg/dates.py": "def day(): ...\n",
        "use.py": "from pkg import today\n\nx = today()\n",
    },
    "rust": {
        "src/dates.rs": "pub fn day() {}\n",
        "src/lib.rs": "mod dates;\npub use dates::day as today;\n",
        "src/use.rs": "fn f() { crate::today(); }\n",
    },
}


@pytest.mark.parametrize("language", CASES)
def test_an_exported_name_leads_to_the_definition_and_back(language: str) -> None:
    """`symbol` answers with what is exported, and `refs` with the uses of either name."""
    files = CASES[language]
    data = index_data_of(files)

    def read(path: str) -> bytes:
        return files[path].encode()

    (found,) = symbol(data, "today", read, 1000, count_tokens).items
    assert (found.name, "dates" in found.path) == ("day", True)
    used = {use.path for use in references(data, "day", read, 1000, count_tokens).items}
    assert any("use." in path for path in used)
