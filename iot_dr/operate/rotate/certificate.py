"""The certificate that ACM has issued."""

from cryptography import x509

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.endpoint import fingerprint_of


def issued_fingerprint(clients: Clients, region: str, arn: str) -> str:
    """Give the SHA-256 of a region's certificate, in hexadecimal digits, as ACM has it now.

    A renewal keeps the ARN and changes the certificate. Raises AwsError when ACM does not tell, as
    while it has not issued it: docs.aws.amazon.com/acm/latest/APIReference/API_GetCertificate.html.
    """
    answer = clients.call("acm", region, "get_certificate", CertificateArn=arn)
    return fingerprint_of(x509.load_pem_x509_certificate(str(answer["Certificate"]).encode()))
