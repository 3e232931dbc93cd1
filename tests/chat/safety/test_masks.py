"""What is secret is hidden wherever it occurs, words never are, and a placeholder leads back to its secret."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from chat.app.hiding import GrowingText
from chat.safety.masks import Masks, known_values
from chat.safety.secret_forms import MASK, encoded_forms, is_key_file, is_word, secrets_in

VALUE = "q7Xv2mK9tLp4Zr8W"
PEM = (
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDZ7\nAbC=\n-----END PRIVATE KEY-----"
)

GIVEN = [
    f"API_KEY={VALUE}",
    f"export DB_PASSWORD='{VALUE}'",
    f"  client_secret: {VALUE}\n",
    f'{{"access_token": "{VALUE}"}}',
    f"password => '{VALUE}',",
    f'os.environ["STRIPE_SECRET"] = "{VALUE}"',
    f"postgres://app:{VALUE}@db.example/app",
    f"https://{VALUE}{VALUE}@example.org/x.git",
    f"Authorization: Bearer {VALUE}{VALUE}",
    f"curl -H 'X-Api-Key: {VALUE}'",
    f"tool --token {VALUE} run",
    f"machine example.org login me password {VALUE}",
    f"//registry.example/:_authToken={VALUE}",
    f"<password>{VALUE}</password>",
    f"aws_secret_access_key = {VALUE}/+{VALUE}",
    PEM,
    PEM.replace("\n", "\\n"),
]


@pytest.mark.parametrize("text", GIVEN)
def test_a_value_that_is_named_as_a_secret_is_hidden(text: str) -> None:
    """In the files, headers and commands that people have keys in."""
    hidden = Masks().hidden(text)

    assert MASK in hidden
    assert VALUE not in hidden
    assert "MIIEv" not in hidden


@pytest.mark.parametrize(
    "text",
    [
        "POSTGRES_PASSWORD=postgres",
        "APP_SECRET=checkpoint",
        "password = getpass()",
        "token = self.next_token2(text)",
        "tokens: 8_000_000",
        "token_file = './secrets/token1.txt'",
        "api_key = os.environ['API_KEY_1']",
        "secret: ${SECRET_1}",
        "password: <your-password-1>",
        "class PasswordHasherV2(Base): ...",
        "token: str = field(default_factory=lambda: uuid4())",
        "author = 'somebody1234'",
        "http://localhost:8080/path@2x.png",
        "postgres://postgres:postgres@localhost/app",
        'const TOKEN_TYPE_V2 = "token-type-v2";',
    ],
)
def test_words_and_programs_stay(text: str) -> None:
    """What reads like text is read as text, whatever its name."""
    assert Masks(known_values(["postgres", "checkpoint"])).hidden(text) == text


def test_what_was_named_once_is_known_everywhere() -> None:
    """Also in the forms in which it is sent."""
    masks = Masks()
    masks.learn(f"API_KEY={VALUE}!")
    encoded = base64.b64encode(f"{VALUE}!".encode()).decode()

    for form in (f"{VALUE}!", encoded, f"{VALUE}%21", f"{VALUE}!".encode().hex()):
        assert form not in masks.hidden(f"it printed {form} here")


def test_a_file_of_keys_needs_no_names() -> None:
    """Its place says what its lines are, in a listing as well."""
    masks = Masks()
    masks.learn(f"deploy/api.key\n```\n{VALUE}\n```\n")

    assert masks.hidden(f"x {VALUE} y") == f"x {MASK} y"
    assert is_key_file(".env.production")
    assert not is_key_file("src/tokens.py")


def test_paths_ids_and_names_stay() -> None:
    """Of a record, only the texts are hidden."""
    masks = Masks([VALUE])
    record = {
        "path": f"db/{VALUE}.py",
        "commits": [VALUE],
        "text": VALUE,
        VALUE: 1,
        "after": {f"{VALUE}": "x"},
    }

    assert masks.hidden_fields(record) == {**record, "text": MASK}


@given(st.lists(st.sampled_from([*GIVEN, "plain", "[secret-1]", VALUE]), min_size=1, max_size=5))
@examples(40)
def test_a_disguise_can_be_taken_off(texts: list[str]) -> None:
    """No text has a secret, the same secret has the same placeholder, and what was there comes back."""
    disguised = Masks([VALUE]).disguised(texts)

    assert [disguised.revealed(text) for text in disguised.texts] == texts
    assert not any(VALUE in text or "MIIEv" in text for text in disguised.texts)
    assert disguised.texts[0] == Masks([VALUE]).disguised(texts[:1]).texts[0] or "[secret-1]" in texts


@given(
    st.lists(st.sampled_from([*GIVEN, "\n", " and ", "x = 1\n", VALUE, "é"]), max_size=6), st.integers(1, 9)
)
@examples(60)
def test_a_text_that_streams_in_shows_no_secret_and_loses_nothing(parts: list[str], size: int) -> None:
    """Wherever its pieces are cut."""
    text = "\n".join(parts)
    growing = GrowingText(Masks([VALUE]))

    pieces = [growing.added(text[place : place + size]) for place in range(0, len(text), size)]
    shown = "".join([*pieces, growing.rest()])

    assert VALUE not in shown
    assert "MIIEv" not in shown
    assert shown == Masks([VALUE]).hidden(text) or MASK in shown


@given(st.text(max_size=60))
@examples(60)
def test_hiding_twice_changes_nothing(text: str) -> None:
    """A mask is no secret."""
    hidden = Masks().hidden(text)

    assert Masks().hidden(hidden) == hidden
    assert all(not is_word(value) for value in secrets_in(text) if "-----" not in value)
    assert json.loads(json.dumps(list(encoded_forms(text))))[0] == text
