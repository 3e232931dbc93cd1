"""Tests are told from what they share by their paths, and compared with sources by what their names are about."""

import pytest

from repomap.impact.test_files import is_runnable, subject


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/test_app.py", True),
        ("tests/app_test.py", True),
        ("pkg/tests/tests.py", True),
        ("tests/conftest.py", False),
        ("tests/__init__.py", False),
        ("tests/utils.py", False),
        ("tests/test_utils.py", True),
        ("tests/factories.py", False),
        ("gin/context_test.go", True),
        ("gin/testdata/x.go", False),
        ("src/test/java/a/ErrorTest.java", True),
        ("src/test/java/a/Errors.java", False),
        ("spec/app_spec.rb", True),
        ("spec/spec_helper.rb", False),
        ("test/spec_request.rb", True),
        ("test/app.js", True),
        ("test/support/env.js", False),
        ("src/__tests__/app.test.ts", True),
        ("tests/data.sql", False),
        ("tests/static/test.css", False),
        ("t/basic.t", True),
    ],
)
def test_only_what_a_runner_takes_is_a_test(path: str, expected: bool) -> None:
    """By the names that the usual runners of the language look for."""
    assert is_runnable(path) is expected


@pytest.mark.parametrize(
    ("test", "source"),
    [
        ("tests/test_auth.py", "src/_auth.py"),
        ("context_test.go", "context.go"),
        ("src/test/java/a/JsonReaderTest.java", "src/main/java/a/JsonReader.java"),
        ("src/app.spec.ts", "src/app.ts"),
        ("src/__tests__/app.test.tsx", "src/app.tsx"),
        ("spec/models/user_spec.rb", "app/models/user.rb"),
        ("test/spec_request.rb", "lib/rack/request.rb"),
        ("tests/UserTest.php", "src/User.php"),
        ("test/store_SUITE.erl", "src/store.erl"),
    ],
)
def test_a_test_is_about_the_file_of_its_name(test: str, source: str) -> None:
    """Without what marks it as a test."""
    assert subject(test) == subject(source)
