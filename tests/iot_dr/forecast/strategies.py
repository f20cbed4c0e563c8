"""What hypothesis draws for failover: configs, the health of their regions, switches."""

from hypothesis import strategies as st

from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.route53.failover_config import FailoverConfig
from tests.support.region_health import RegionHealth
from tests.support.settings import REGIONS

CHAINS = st.builds(
    FailoverConfig,
    order=st.permutations(REGIONS).flatmap(
        lambda order: st.integers(2, 5).map(lambda count: tuple(order[:count]))
    ),
    mode=st.sampled_from(["deep", "shallow"]),
    fail_back=st.sampled_from(["latched", "auto"]),
)
HEALTH = st.dictionaries(
    st.sampled_from(REGIONS), st.builds(RegionHealth, deep=st.booleans(), tcp=st.booleans())
)
SWITCHES = st.frozensets(st.sampled_from(REGIONS))
# As far as the settings let them go.
INPUTS = st.builds(
    RecoveryInputs,
    mode=st.sampled_from(["deep", "shallow"]),
    interval=st.sampled_from([10, 30]),
    threshold=st.integers(1, 10),
    ttl=st.integers(1, 3600),
    fleet=st.integers(1, 100_000_000),
    connect_rate=st.integers(1, 1_000_000),
    backoff_ceiling=st.integers(1, 3600),
)
