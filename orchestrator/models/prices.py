"""What a call costs, from a table that is data with dates. What is not in it is None: unknown, never 0."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from orchestrator.errors import SettingsError
from orchestrator.records import Usage

PER_MILLION = 1_000_000


class Price(BaseModel):
    """US dollars per million tokens of one model. Cache prices are the input price where the table names none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    as_of: date
    source: str
    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)
    cache_write: float | None = Field(default=None, ge=0)
    cache_read: float | None = Field(default=None, ge=0)
    over_tokens: int | None = Field(default=None, gt=0)
    over_factor: float = Field(default=1.0, ge=1)
    not_ending: str = ""

    @model_validator(mode="after")
    def _tier_is_whole(self) -> Self:
        if (self.over_tokens is None) != (self.over_factor == 1.0):
            raise ValueError("over_tokens and over_factor go together")
        return self

    def fits(self, model: str) -> bool:
        """Whether this price is that model's."""
        if self.not_ending and model.endswith(self.not_ending):
            return False
        return model.startswith(self.model[:-1]) if self.model.endswith("*") else model == self.model

    def cost_usd(self, usage: Usage) -> float:
        """Dollars of a finished call. Cached and written tokens are parts of `input_tokens` with prices of their own."""
        plain = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
        read = self.input if self.cache_read is None else self.cache_read
        write = self.input if self.cache_write is None else self.cache_write
        prompt = max(0, plain) * self.input + usage.cached_tokens * read + usage.cache_write_tokens * write
        return (prompt + usage.output_tokens * self.output) * self._factor(usage.input_tokens) / PER_MILLION

    def worst_case_usd(self, input_tokens: int, output_tokens: int) -> float:
        """Dollars that a call can cost at most: the whole prompt at the dearest input price, all output used."""
        dearest = max(self.input, self.cache_write or 0.0)
        prompt = input_tokens * dearest + output_tokens * self.output
        return prompt * self._factor(input_tokens) / PER_MILLION

    def _factor(self, input_tokens: int) -> float:
        return self.over_factor if self.over_tokens is not None and input_tokens > self.over_tokens else 1.0


class PriceTable:
    """Prices by model name as the user types it."""

    def __init__(self, prices: tuple[Price, ...]) -> None:
        self._prices = prices

    def find(self, model: str, own: Mapping[str, float] | None = None) -> Price | None:
        """The price of a model, None where unknown. `own` prices (input, output, ...) from the settings go first."""
        if own:
            return Price(model=model, as_of=date.min, source="settings", **own)
        return next((price for price in self._prices if price.fits(model)), None)


def load_prices(text: str | None = None) -> PriceTable:
    """Read a price table, by default the one shipped with the package. Raises SettingsError naming the entry."""
    if text is None:
        text = (files("orchestrator.models") / "prices.toml").read_text("utf-8")
    try:
        entries = tomllib.loads(text).get("price", [])
        return PriceTable(tuple(_price(index, entry) for index, entry in enumerate(entries)))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the price table is not TOML: {error}") from error


def _price(index: int, entry: Mapping[str, object]) -> Price:
    try:
        return Price.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "entry"
        raise SettingsError(f"price[{index}] of the price table: {where}: {first['msg']}") from error
