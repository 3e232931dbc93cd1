"""Which environment variables are secret, by their names; and messages without keys."""

import re
from collections.abc import Iterable, Mapping

from chat.safety.secret_forms import KEY, MASK, MIN_CHARS

_SECRET_NAME = re.compile(r"(?:API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD)\Z", re.IGNORECASE)

_PROVIDERS = """
    ai21 ai_gateway aleph_alpha amazon_nova anthropic anyscale assemblyai azure azure_ai azure_openai
    baseten bedrock cerebras clarifai cloudflare codestral cohere co compactifai dashscope databricks
    datarobot deepinfra deepseek empower featherless fireworks fireworks_ai fireworksai friendliai
    galadriel gemini gigachat google gradient_ai groq heroku huggingface hyperbolic infinity jina_ai
    lambda lemonade litellm litellm_proxy llamafile lm_studio lmstudio meta_llama minimax mistral
    moonshot morph nebius nlp_cloud novita nscale nvidia_nim ollama openai openai_like openrouter
    ovhcloud palm perplexity perplexityai predibase publicai recraft replicate sambanova snowflake
    together together_ai togetherai topaz trigpoint v0 vercel_ai_gateway vertex volcengine voyage
    watsonx wandb xai xinference zai
    """.split()
_MODEL_KEY_NAME = re.compile(
    rf"(?:{'|'.join(_PROVIDERS)})_(?:API_?)?(?:KEY|TOKEN|AUTH_TOKEN)S?", re.IGNORECASE
)

_POSSIBLE_KEY = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|key|AIza|hf|ghp|Bearer)(?:[-_ ])?[A-Za-z0-9_\-.*]{12,}"
    r"|(?<=key=)[^\s&\"']+",
    re.IGNORECASE,
)
"""Forms that a server's message gives a key, also with its middle starred out."""


def is_secret_variable(name: str) -> bool:
    """Whether the value of an environment variable is a secret, going by its name.

    >>> is_secret_variable("OPENAI_API_KEY"), is_secret_variable("HOME")
    (True, False)
    """
    return bool(_SECRET_NAME.search(name)) or is_model_key(name)


def is_model_key(name: str) -> bool:
    """Whether an environment variable holds the key of a provider of models.

    >>> is_model_key("MISTRAL_API_KEY"), is_model_key("GITHUB_TOKEN")
    (True, False)
    """
    return _MODEL_KEY_NAME.fullmatch(name) is not None


def without_model_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a command of the user's gets: other keys its tests may need."""
    return {name: value for name, value in environment.items() if not is_model_key(name)}


def secret_values(
    environment: Mapping[str, str], keys: Iterable[str] = (), min_chars: int = MIN_CHARS
) -> tuple[str, ...]:
    """Return the values that must not be written down, the longest first.

    ``keys`` are known to be secret. Values of fewer than ``min_chars`` characters are left out.
    """
    named = (value for name, value in environment.items() if is_secret_variable(name))
    values = {value for value in (*named, *keys) if len(value) >= min_chars}
    return tuple(sorted(values, key=lambda value: (-len(value), value)))


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """Replace every secret and everything that has the form of a key.

    >>> masked("export GH=ghp_abcdefghijklmnopqrstuvwxyz0123456789")
    'export GH=[secret]'
    """
    for secret in secrets:
        text = text.replace(secret, MASK)
    return KEY.sub(MASK, text)


def masked_message(text: str, secrets: Iterable[str] = ()) -> str:
    """Mask a message that is shown once and never read again: what may be a key is masked, too.

    >>> masked_message("Incorrect API key provided: sk-proj-ab****89")
    'Incorrect API key provided: [secret]'
    """
    return _POSSIBLE_KEY.sub(MASK, masked(text, secrets))
