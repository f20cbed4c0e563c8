"""Fast start of the provider bindings: what an app does not use is not loaded."""

from iot_dr.bindings.finder import install
from iot_dr.bindings.mode import is_stock
from iot_dr.bindings.warm_up import is_warming_up, warm_up, warmed_up

__all__ = ["install", "is_stock", "is_warming_up", "warm_up", "warmed_up"]
