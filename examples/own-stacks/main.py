"""The CDKTF app: settings in, stages out."""

import sys

from iot_dr.api import main

if __name__ == "__main__":
    sys.exit(main())
