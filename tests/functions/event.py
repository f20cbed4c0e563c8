"""A request as an API Gateway HTTP API hands it to a function, payload format 2.0."""

from typing import Any

SECRET = "5f1c2a9e-7d0b-4a52-9c55-0f4f0f1d2c3b"


def event() -> dict[str, Any]:
    """Return the request of a health checker of Route 53."""
    path = f"/health/{SECRET}"
    return {
        "version": "2.0",
        "routeKey": f"GET {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "host": "a1b2c3.execute-api.eu-west-1.amazonaws.com",
            "user-agent": "Amazon-Route53-Health-Check-Service (ref 0; report http://amzn.to/1vsZADi)",
            "x-forwarded-for": "192.0.2.1",
        },
        "requestContext": {
            "accountId": "111111111111",
            "apiId": "a1b2c3",
            "http": {
                "method": "GET",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "Amazon-Route53-Health-Check-Service",
            },
            "requestId": "Jxyz",
            "routeKey": f"GET {path}",
            "stage": "$default",
            "timeEpoch": 1762000000000,
        },
        "isBase64Encoded": False,
    }
