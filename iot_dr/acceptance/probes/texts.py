"""Whether AWS returns JSON texts with the characters that were written."""

import json
from functools import partial
from typing import Final

from iot_dr.acceptance.probes.probe import RefutedError, probe_name, remove_resource
from iot_dr.acceptance.step import Evidence
from iot_dr.acceptance.tools import RunTools
from modules.json_text import compact_json
from modules.policy_document import allow, policy_document

_DEAD: Final = "dead"


def observe(tools: RunTools) -> Evidence:
    """Write an IoT policy with white space and a redrive policy without; read both."""
    region, name = tools.settings.primary_region, probe_name(tools)
    iot, sqs = (partial(tools.clients.call, service, region) for service in ("iot", "sqs"))
    compact = policy_document([allow("Publish", "iot:Publish", "*")])
    policy = json.dumps(json.loads(compact), indent=1)
    iot("create_policy", policyName=name, policyDocument=policy)
    # SQS refuses the name of a queue for a minute after its deletion.
    named = f"{name}-{tools.clock.now():.0f}"
    urls = [sqs("create_queue", QueueName=each)["QueueUrl"] for each in (f"{named}-{_DEAD}", named)]
    asked = ["QueueArn"]
    arn = sqs("get_queue_attributes", QueueUrl=urls[0], AttributeNames=asked)["Attributes"][
        "QueueArn"
    ]
    redrive = compact_json({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
    sqs("set_queue_attributes", QueueUrl=urls[1], Attributes={"RedrivePolicy": redrive})
    attributes = sqs("get_queue_attributes", QueueUrl=urls[1], AttributeNames=["RedrivePolicy"])
    returned = {
        "IoT policy": (policy, iot("get_policy", policyName=name)["policyDocument"]),
        "redrive policy": (redrive, attributes["Attributes"]["RedrivePolicy"]),
    }
    changed = [f"{what}: {text}" for what, (written, text) in returned.items() if text != written]
    if changed:
        raise RefutedError(f"returned otherwise: {'; '.join(changed)}")
    return dict.fromkeys(returned, "as written")


def remove(tools: RunTools) -> None:
    """Delete the policy and the queues."""
    region, name = tools.settings.primary_region, probe_name(tools)
    remove_resource(tools, "iot", region, "delete_policy", policyName=name)
    queues = tools.clients.call("sqs", region, "list_queues", QueueNamePrefix=f"{name}-")
    for url in queues.get("QueueUrls", ()):
        remove_resource(tools, "sqs", region, "delete_queue", QueueUrl=url)
