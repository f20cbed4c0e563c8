"""What pytest imports before the tests: iot_dr before cdktf, for the fast start of the bindings."""

import iot_dr.api  # noqa: F401 - see above
