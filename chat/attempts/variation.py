"""What differs between attempts at one task: nothing, model, temperature, or the approach they are told. Pure.

The approaches are fixed. Having a model list some first would cost a call that knows nothing of the code yet, and what
it lists would differ from run to run; each of these asks for something that work on code often lacks. They are added
to the rules, so that neither the task nor the goal that is judged says anything else than the user.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chat.errors import UsageError
from chat.settings.kinds import Value
from chat.settings.table import Settings

KINDS = ("models", "temperature", "plan")
_TOLD = "Approach for this attempt, where the request leaves it open: {text}"
APPROACHES: tuple[tuple[str, str], ...] = (
    ("as asked", ""),
    ("smallest change", "make the smallest change that does all of it; touch no line that need not change."),
    ("root cause", "find where the matter begins, and change it there rather than where it shows."),
    ("test first", "write the test that shows what is missing before anything else, then make it pass."),
    ("as elsewhere", "look for code that does something like it, and follow or reuse that."),
    ("edge cases", "list the inputs and failures that could break it, and handle each of them."),
    ("clear the way", "first change what makes the work awkward, without changing what it does; then do it."),
    ("another way", "name the approach that comes to mind first, then find a different one that is as good."),
)
"""Names, and what is said to the model."""


@dataclass(frozen=True, slots=True)
class Variation:
    """What one attempt has for itself."""

    name: str = ""
    """In a few words; "" where nothing differs."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """Settings that count for it instead."""


def variations(vary: str, count: int, settings: Settings, *, begun: int = 0) -> list[Variation]:
    """Return what each of so many attempts has for itself, after as many as have ``begun`` before. Raises UsageError.

    ``vary`` is a kind, or `models=A,B`, `temperature=X,Y`; where there are fewer values than attempts they come again.

    >>> [each.name for each in variations("temperature", 3, Settings())]
    ['temperature 0', 'temperature 0.5', 'temperature 1']
    """
    kind, _, given = vary.partition("=")
    values = [value.strip() for value in given.split(",") if value.strip()]
    match kind:
        case "" if not values:
            found = [Variation()]
        case "models":
            found = [Variation(name, {"model": name}) for name in values or _configured(settings)]
        case "temperature":
            temperatures = [_temperature(value) for value in values] or _spread(count)
            found = [Variation(f"temperature {value:g}", {"temperature": value}) for value in temperatures]
        case "plan" if not values:
            found = [_told(name, text, settings) for name, text in APPROACHES]
        case _:
            raise UsageError(
                f"--vary takes {', '.join(KINDS)}, models=A,B or temperature=X,Y. Nothing was begun."
            )
    return [found[index % len(found)] for index in range(begun, begun + count)]


def _configured(settings: Settings) -> list[str]:
    """The models that are set, each once: a weaker one may find what a stronger one misses."""
    named = (settings.model, settings.editor_model, settings.weak_model)
    found = list(dict.fromkeys(filter(None, named)))
    if len(found) < 2:
        raise UsageError(
            "--vary models needs two models at least. Nothing was begun; name them, as in "
            "--vary models=gpt-5,claude-sonnet-4-5, or set --editor-model or --weak-model."
        )
    return found


def _temperature(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 2:
        raise UsageError(
            f"--vary temperature takes numbers from 0 to 2, and {text} is none. Nothing was begun."
        )
    return value


def _spread(count: int) -> list[float]:
    """Temperatures from 0 to 1, evenly apart; some providers take no higher ones."""
    return [round(index / max(1, count - 1), 2) for index in range(count)]


def _told(name: str, text: str, settings: Settings) -> Variation:
    if not text:
        return Variation(name)
    rules = "\n\n".join(filter(None, (settings.append_system_prompt.strip(), _TOLD.format(text=text))))
    return Variation(name, {"append-system-prompt": rules})
