from tests.iot_dr.observe.state.conftest import server, store, world

__all__ = ["server", "store", "world"]
