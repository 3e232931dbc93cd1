"""The kind of a file follows from its path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repomap.files.file_kinds import FileKind, kind_of

PATHS: dict[FileKind, str] = {
    "source": """
        flask/app.py src/flask/testing.py src/flask/cli.py django/test/client.py django/test/__init__.py
        src/werkzeug/test.py numpy/testing/_private/utils.py src/testing/render.ts lib/foo/testing.py
        activesupport/lib/active_support/testing/assertions.rb lib/rails/plugin/test.rb
        library/test/src/lib.rs spring-test/src/main/java/org/springframework/mock/web/MockCookie.java
        junit-api/src/main/java/org/junit/jupiter/api/Test.java java/security/spec/KeySpec.java
        app/models/user.rb cmd/server/main.go internal/build/plan.go pkg/tester/run.go src/contest.py
        src/attest.c lib/latest.js src/features/cart/Cart.tsx src/app/app.config.ts
        core/external/client.py compiler/rustc_lint/src/lib.rs src/lib.rs Sources/App/main.swift
        lib/my_app/router.ex src/Main.hs app/Http/Controllers/UserController.php main.tf schema.sql
        api/v1/service.proto index.html bin/run deps/deps.go crates/core/flags/doc/man.rs src/inspect.rs
        pkg/specs.go app/Vendor/Invoice.php src/testimony.py docs.py build.py examples.py
    """,
    "test": """
        tests/test_app.py tests/helpers.py test/helper.rb conftest.py pkg/conftest.py pkg/tests.py test.py
        pkg/foo_test.py sympy/core/tests/test_expr.py django/test/test_x.py
        numpy/testing/tests/test_utils.py src/a.test.ts src/a.spec.jsx src/a.test-d.ts src/__tests__/a.js
        e2e/login.ts cypress/x.js packages/app/test/util.ts pkg/server/server_test.go
        src/test/java/org/acme/Users.java org/acme/UserTest.java org/acme/UserTests.java
        org/acme/UserIT.java org/acme/TestUser.java src/Acme.UnitTests/Users.cs Acme.Tests/Users.cs
        src/UserTests.cs shared/src/commonTest/kotlin/A.kt core/UserSpec.kt core/UserSpec.scala
        core/UserSuite.scala spec/models/user_spec.rb spec/spec_helper.rb lib/a_spec.rb test/user_test.rb
        src/tests.rs tests/it.rs benches/speed.rs src/parser/tests.rs tests/UserTest.php src/UserTest.php
        ext/x/001.phpt Tests/AppTests/AppTests.swift AppTests/Login.swift src/map_test.cc
        src/map_unittest.cc test/map.c test-list.c test/user_test.exs lib/user_test.exs test/ParserSpec.hs
        src/ParserSpec.hs t/basic.t lib/t.t test/runtests.jl foo_SUITE.erl testing/test_mark.py
        tests/setup.py internal/testutil/db.go spec/lib_spec.lua test/x.bats
    """,
    "fixture": """
        tests/fixtures/app.py testdata/x.go pkg/testdata/in.txt tests/data.json test/output.xml
        src/__fixtures__/a.js spec/cassettes/a.yml src/__snapshots__/a.snap a.snap test/x.md
    """,
    "example": """
        examples/hello.py example/main.go samples/a.cs demo/index.js docs_src/first.py
        src/Button.stories.tsx
    """,
    "vendored": """
        vendor/github.com/a/b.go third_party/zlib/inflate.c node_modules/a/index.js src/pip/_vendor/six.py
        deps/lua/src/lvm.c Pods/AFNetworking/a.m external/json/json.hpp web/bower_components/a.js
        vendor/x/tests/test_a.py
    """,
    "generated": """
        api/v1/service.pb.go api/service_pb2.py api/service_pb2_grpc.py lib/a.g.dart lib/a.freezed.dart
        static/jquery.min.js dist/index.js packages/a/dist/a.js src/a.generated.ts
        zz_generated.deepcopy.go Cargo.lock package-lock.json go.sum src/__generated__/q.ts
        Form.Designer.cs parser.tab.c src/_version.py
    """,
    "docs": """
        README.md docs/guide.rst docs/theme.js LICENSE CHANGES.rst pkg/README src/notes.txt man/tool.1
        website/src/index.tsx tests/README.md examples/README.md doc/api.py
    """,
    "build": """
        setup.py Makefile Rakefile Gemfile a.gemspec CMakeLists.txt src/CMakeLists.txt cmake/Find.cmake
        package.json tsconfig.json vite.config.ts gulpfile.js webpack.common.js build.gradle.kts pom.xml
        Cargo.toml build.rs go.mod pyproject.toml noxfile.py docs/conf.py Dockerfile scripts/release.sh
        tools/lint.py App.csproj meson.build BUILD.bazel configure.ac requirements-dev.txt mix.exs
    """,
    "config": """
        .github/workflows/ci.yml .eslintrc.js config/app.yaml settings.ini .env renovate.json
    """,
    "data": """
        data/users.csv logo.png src/countries.json locale/de.po notebook.ipynb
    """,
}


@pytest.mark.parametrize(
    ("path", "kind"), [(path, kind) for kind, paths in PATHS.items() for path in paths.split()]
)
def test_a_path_has_the_kind_its_conventions_give_it(path: str, kind: FileKind) -> None:
    """Each row is what people who use that language would say."""
    assert kind_of(path) == kind


@given(st.text(max_size=40))
def test_every_path_has_a_kind(path: str) -> None:
    """Names are whatever a file system allows."""
    assert kind_of(path) in PATHS
