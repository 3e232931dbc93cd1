"""What looks like a secret, by its name or by its form, wherever it is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.safety.secret_forms import MASK
from chat.safety.secrets import (
    is_model_key,
    is_secret_variable,
    masked,
    masked_message,
    secret_values,
    without_model_keys,
)

KEYS = (
    "sk-ant-api03-abcdefghij0123456789",
    "sk-proj-abcdefghijklmnop0123456789",
    "sk_live_abcdefghijklmnop0123",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "github_pat_abcdefghijklmnopqrstuvwxyz012345",
    "glpat-abcdefghij0123456789",
    "xoxb-1234567890-abcdef",
    "AIzaSyabcdefghijklmnopqrstuvwxyz0123456",
    "hf_abcdefghijklmnopqrstuvwxyz0123456789",
    "gsk_abcdefghijklmnopqrstuvwxyz0123456789",
    "xai-abcdefghijklmnopqrstuvwxyz0123456789",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----",
)


@pytest.mark.parametrize("key", KEYS)
def test_the_forms_of_keys_are_masked_everywhere(key: str) -> None:
    """In what is kept as in what is shown: one list for both."""
    assert masked(f"x = '{key}'") == masked_message(f"x = '{key}'") == f"x = '{MASK}'"


@pytest.mark.parametrize(
    "text",
    [
        "key_something_that_is_long = 1",
        "sk-learn is not scikit-learn",
        "https://x/?key=value",
        "task-list-of-things",
    ],
)
def test_words_that_only_resemble_keys_are_kept(text: str) -> None:
    """What is kept may be needed again, such as code."""
    assert masked(text) == text


@pytest.mark.parametrize(
    ("name", "is_secret", "is_models"),
    [
        ("OPENAI_API_KEY", True, True),
        ("openai_api_key", True, True),
        ("AZURE_API_KEY", True, True),
        ("GROQ_API_KEY", True, True),
        ("ANTHROPIC_KEY", True, True),
        ("HUGGINGFACE_TOKEN", True, True),
        ("ANTHROPIC_AUTH_TOKEN", True, True),
        ("TRIGPOINT_API_KEY", True, True),
        ("GITHUB_TOKEN", True, False),
        ("STRIPE_API_KEY", True, False),
        ("DB_PASSWORD", True, False),
        ("APP_SECRET", True, False),
        ("OPENAI_API_BASE", False, False),
        ("PATH", False, False),
    ],
)
def test_variables_are_known_by_their_names(name: str, is_secret: bool, is_models: bool) -> None:
    """A command of the user's loses the keys of models alone: a project's tests may need other keys."""
    assert is_secret_variable(name) == is_secret
    assert is_model_key(name) == is_models
    assert (name in without_model_keys({name: "x"})) != is_models


def test_secret_values_come_longest_first() -> None:
    """Where one holds another, the whole of it is masked; short words are none."""
    environment = {
        "A_TOKEN": "abcdefgh",
        "B_API_KEY": "abcdefghij",
        "C_SECRET": "short",
        "HOME": "/home/user",
    }

    assert secret_values(environment, ["abcdefghijkl", ""]) == ("abcdefghijkl", "abcdefghij", "abcdefgh")
    assert "short" in secret_values(environment, min_chars=4)
    assert masked("x=abcdefghij", secret_values(environment)) == f"x={MASK}"


@given(st.text(), st.lists(st.text(min_size=8), max_size=3))
def test_no_secret_is_left_and_masking_again_changes_nothing(text: str, secrets: list[str]) -> None:
    """The journal masks what was masked before."""
    secrets = [secret for secret in secrets if secret not in MASK]
    hidden = masked(text.join(["", *secrets, ""]), sorted(secrets, key=len, reverse=True))

    assert masked(hidden) == hidden
