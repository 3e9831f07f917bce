"""Checks: how a screen finds out that a task was done.

A check holds when all its parts do: conditions on facts of the screen, a number that the student types, a choice among answers.
The right number or answer is either written in the task or itself a fact, so that it is computed from what is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.lessons.facts import FACTS, Facts, Kind, Value


class Part(BaseModel):
    """What all parts of a task list have in common: frozen, and no field that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


Words = Annotated[str, Field(min_length=1, max_length=200)]


class FromScreen(Part):
    """A value that is not written down but reported by the screen."""

    fact: str


Relations = dict[str, tuple[Kind, Callable[[Any, Any], bool], str]]
RELATIONS: Relations = {  # relation: the kind of fact that it suits, when it holds, and how it is said
    "at_least": ("number", lambda value, bound: value >= bound, "is at least {}"),
    "at_most": ("number", lambda value, bound: value <= bound, "is at most {}"),
    "between": ("number", lambda value, bounds: bounds[0] <= value <= bounds[1], "is between {}"),
    "near": ("number", lambda value, around: abs(value - around[0]) <= around[1], "is {}"),
    "has": ("words", lambda value, wanted: set(wanted) <= set(value), "has {}"),
}


class Condition(Part):
    """A fact and one relation that it must have: `is`, `at_least`, `at_most`, `between`, `near` with `within`, or `has`."""

    fact: str
    is_: bool | float | str | None = Field(None, alias="is")
    at_least: float | None = None
    at_most: float | None = None
    between: tuple[float, float] | None = None
    near: float | FromScreen | None = None
    within: float | None = Field(None, gt=0)
    has: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        kind = kind_of(self.fact)
        given = [name for name in ("is_", *RELATIONS) if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"{self.fact} needs exactly one of is, {', '.join(RELATIONS)}")
        if (self.near is None) != (self.within is None):
            raise ValueError(f"{self.fact}: near and within go together, as in near: 1, within: 0.01")
        suits = RELATIONS[given[0]][0] if given[0] in RELATIONS else None
        if suits not in (None, kind):
            raise ValueError(f"{self.fact} is a {kind}, which cannot be {given[0]}; {given[0]} is for a {suits}")
        return self

    def holds(self, facts: Facts) -> bool:
        """Whether the facts are there and in that relation."""
        if self.fact not in facts:
            return False
        value = facts[self.fact]
        if self.is_ is not None:
            return value == self.is_
        return all(
            given is not None and holds(value, given)
            for name, (_, holds, _) in RELATIONS.items()
            if getattr(self, name) is not None
            for given in [self._bound(name, facts)]
        )

    def _bound(self, relation: str, facts: Facts) -> Any:
        """What the fact is compared with; None where that is itself a fact which is not there."""
        if relation != "near":
            return getattr(self, relation)
        target = resolved(self.near, facts)
        return None if target is None else (target, self.within)

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.fact, self.near.fact) if isinstance(self.near, FromScreen) else (self.fact,)

    @property
    def text(self) -> str:
        """The condition in words: "the share of the grid that lies outside the image is at least 99 %"."""
        about = FACTS[self.fact]
        return f"{about.text} {self._relation()}{f' {about.unit}' if about.unit else ''}"

    def _relation(self) -> str:
        if self.is_ is not None:
            return f"is {_said(self.is_)}"
        name = next(name for name in RELATIONS if getattr(self, name) is not None)
        return RELATIONS[name][2].format(self._in_words(name))

    def _in_words(self, name: str) -> str:
        if name == "near":
            target = FACTS[self.near.fact].text if isinstance(self.near, FromScreen) else f"{self.near:g}"
            return f"{target} to within {self.within:g}"
        value = getattr(self, name)
        if name == "between":
            return f"{value[0]:g} and {value[1]:g}"
        return ", ".join(value) if name == "has" else f"{value:g}"


class Number(Part):
    """A number that the student works out and types."""

    ask: Words
    near: float | FromScreen
    within: float = Field(gt=0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if isinstance(self.near, FromScreen) and kind_of(self.near.fact) != "number":
            raise ValueError(f"{self.near.fact} is no number; a typed number is compared with one")
        return self

    def right(self, typed: float | None, facts: Facts) -> bool:
        target = resolved(self.near, facts)
        return typed is not None and isinstance(target, float) and abs(typed - target) <= self.within


class Choice(Part):
    """A question with several answers, one of which is right."""

    ask: Words
    options: dict[str, Words] = Field(min_length=2, max_length=8)  # by a short name: what the student reads
    answer: str | FromScreen  # the short name of the right one

    @model_validator(mode="after")
    def _check(self) -> Self:
        if isinstance(self.answer, FromScreen):
            if kind_of(self.answer.fact) != "word":
                raise ValueError(f"{self.answer.fact} is no word; the answer of a choice is the name of one of its options")
        elif self.answer not in self.options:
            raise ValueError(f"the answer is {self.answer}, which is not among the options {', '.join(self.options)}")
        return self

    def right(self, chosen: str | None, facts: Facts) -> bool:
        return chosen is not None and chosen == resolved(self.answer, facts)


class Check(Part):
    """All that must hold for a task to be done."""

    facts: tuple[Condition, ...] = Field((), max_length=12)
    number: Number | None = None
    choice: Choice | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.facts and self.number is None and self.choice is None:
            raise ValueError("a check needs facts, a number or a choice; leave check out where there is none")
        return self

    def done(self, facts: Facts, typed: float | None = None, chosen: str | None = None) -> bool:
        """Whether it holds, with what the screen reports and the student has answered."""
        return (
            all(condition.holds(facts) for condition in self.facts)
            and (self.number is None or self.number.right(typed, facts))
            and (self.choice is None or self.choice.right(chosen, facts))
        )

    def missing(self, facts: Facts, typed: float | None = None, chosen: str | None = None) -> str:
        """What it still looks for, in a sentence, of an answer that is not right yet."""
        wanted = [condition.text for condition in self.facts if not condition.holds(facts)]
        if self.number and not self.number.right(typed, facts):
            if typed and self.number.right(-typed, facts):
                return "Not yet: the size is right, the sign is not."
            wanted.append(f"“{self.number.ask}” to within {self.number.within:g} of what follows from the screen")
        if self.choice and not self.choice.right(chosen, facts):
            wanted.append(f"another answer to “{self.choice.ask}”")
        return f"Not yet. Looked for: {', and '.join(wanted)}."

    @property
    def names(self) -> tuple[str, ...]:
        """The facts that it asks for."""
        answers = (self.number and self.number.near, self.choice and self.choice.answer)
        own = [name for condition in self.facts for name in condition.facts]
        return (*own, *(answer.fact for answer in answers if isinstance(answer, FromScreen)))

    @property
    def text(self) -> str:
        """The check in words."""
        answers = [f"the answer to “{one.ask}” is right" for one in (self.number, self.choice) if one]
        return " and ".join([*(condition.text for condition in self.facts), *answers])


def _said(value: bool | float | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:g}"


def kind_of(name: str) -> Kind:
    """The kind of a fact; ValueError for one that no screen reports."""
    if name not in FACTS:
        raise ValueError(f"{name} is no fact that a screen reports; the facts are {', '.join(FACTS)}")
    return FACTS[name].kind


def resolved(value: Value | FromScreen | None, facts: Facts) -> Value | None:
    """The value itself, or what the screen reports; None where it does not."""
    return facts.get(value.fact) if isinstance(value, FromScreen) else value
