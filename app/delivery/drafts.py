"""What people and programs ask a hook to be."""

from dataclasses import dataclass, field
from typing import Any

BOUNDS = {
    "timeout": (60, 604_800),
    "max_attempts": (1, 10),
    "concurrency": (1, 16),
    "request_timeout_s": (1, 30),
}


@dataclass(frozen=True, slots=True)
class HookDraft:
    """What a hook is to be; ``hook`` is its target, ``owner`` a name, empty for whoever asks. Times in seconds."""

    name: str
    trigger: Any
    hook: Any
    description: str = ""
    owner: str = ""
    project_ids: list[str] = field(default_factory=list)
    timeout: int = 3_600
    max_attempts: int = 10
    concurrency: int = 4
    request_timeout_s: int = 15
    ordered: bool = False
    enabled: bool = True
