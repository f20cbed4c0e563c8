"""Facts about the certificate that a region serves, importable without CDKTF."""

from typing import Final

# Logical ids, in whichever stack the resources are. One record validates the certificates of all
# regions (ADR 0003, 0042).
CERTIFICATE: Final = "certificate"
VALIDATION_RECORD: Final = "certificate_validation"
CERTIFICATE_EXPIRY: Final = "certificate_expiry"

DAYS_LEFT: Final = 30
"""A certificate with fewer days left should have been renewed, and a person has to act.

ACM certificates are valid for 198 days since 2026, and renewal starts about 45 days before they
expire (60 days for those of 13 months issued before), as AWS announced on 18 February 2026.
"""
