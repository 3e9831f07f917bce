"""Every setting is taken, or refused in one sentence that names its variable and keeps what is secret."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.errors import InvalidRequest
from core.settings import Settings, settings

WRONG = [
    ("STORE_GB", "inf"), ("STORE_GB", "nan"), ("STORE_GB", "1e308"), ("STORE_GB", "much"), ("STORE_GB", "-1"),
    ("WORKER_MEMORY", "abc"), ("WORKER_MEMORY", "10MB"), ("WORKER_MEMORY", "2 elephants"), ("WORKER_MEMORY", "9" * 400),
    ("WORKERS", "0"), ("WORKERS", "1.5"), ("WORKERS", "1000000000"), ("RUN_MINUTES", "inf"), ("RUN_MINUTES", "0"),
    ("UNDO_MINUTES", "inf"), ("UNDO_MINUTES", "-1"), ("RUNS_PER_VISITOR", "none"),
    ("SCHEDULER", "abc"), ("SCHEDULER", "tcp://host"), ("SCHEDULER", "tcp://host:port"), ("SCHEDULER", "http://host:8786"),
    ("DATABASE", "mysql://ann:geheim@host/lab"), ("DATABASE", "postgresql://ann:geheim@host:five/lab"), ("DATABASE", "geheim"),
    ("DATABASE", "postgresql://ann:geheim@host"), ("DATABASE", "sqlite:///lab.db?geheim=1"), ("KEY", "geheim"),
    ("LOG", "loud"), ("PRIVATE", "perhaps"), ("WARM", "perhaps"), ("SIGN_IN", "never"), ("MNIST_URL", "file:///etc/passwd"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_one_sentence_with_its_variable_and_no_secret(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"GRIDCAST_{name}", value)
    with pytest.raises(InvalidRequest) as refused:
        settings()
    sentence = str(refused.value)
    assert sentence.startswith(f"GRIDCAST_{name} is ")
    assert len(sentence) < 200
    assert "\n" not in sentence
    assert "geheim" not in sentence
    assert refused.value.__cause__ is None  # a traceback of the cause would repeat the value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKER_MEMORY", "2GiB"), ("WORKER_MEMORY", "800 MB"), ("WORKER_MEMORY", "1.5GB"),
        ("WORKER_MEMORY", "2000000000"), ("SCHEDULER", "tcp://10.0.0.1:8786"), ("SCHEDULER", "tls://host:8786"),
        ("DATABASE", "postgresql://ann:ge%40heim@host:5433/lab?sslmode=require"), ("DATABASE", "sqlite:////var/lab/lab.db"),
        ("STORE_GB", "0.5"),
    ],
)  # fmt: skip
def test_a_right_value_is_taken(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"GRIDCAST_{name}", value)
    taken = getattr(settings(), "database_url" if name == "DATABASE" else name.lower())
    assert taken == (float(value) if name == "STORE_GB" else value)


@pytest.mark.parametrize("name", [field for field in Settings.model_fields if field != "home"])
def test_an_empty_variable_is_one_that_is_not_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(f"GRIDCAST_{name.upper()}", raising=False)
    usual = getattr(Settings(), name)
    monkeypatch.setenv(f"GRIDCAST_{name.upper()}", "")
    assert getattr(settings(), name) == usual
