"""What is left to do after a deploy, as a look at the environment shows."""

from collections.abc import Iterator

from iot_dr.observe.status.endpoint import Endpoint
from iot_dr.observe.status.report import RegionReport, Report
from iot_dr.observe.status.unknown import Unknown


def remaining_steps(seen: Report) -> tuple[str, ...]:
    """Return a sentence for each step, with its command, and one for what could not be checked.

    The result is empty when all is done. A new domain configuration is served within 60 minutes:
    docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html.
    """
    steps = [step for region in seen.regions for step in _of_region(seen, region)]
    steps += _of_topics(seen)
    unknown = [
        *(f"what {each.region} serves" for each in seen.regions if _is_unknown(each.endpoint)),
        *(f"the switch of {each.region}" for each in seen.regions if _is_unknown(each.switch)),
        *(
            f"who is subscribed to {topic.name} in {topic.region}"
            for topic, found in seen.subscriptions.items()
            if _is_unknown(found)
        ),
    ]
    if unknown:
        steps.append(f"Not checked, for the reasons above: {', '.join(unknown)}.")
    return tuple(steps)


def _is_unknown(found: object) -> bool:
    return isinstance(found, Unknown)


def _of_region(seen: Report, region: RegionReport) -> Iterator[str]:
    name, environment = region.region, seen.settings.environment
    endpoint = region.endpoint
    if isinstance(endpoint, Endpoint) and endpoint.problem:
        yield (
            f"{name}: {seen.settings.regional_name(name)} is not served yet ({endpoint.problem});"
            f" AWS IoT takes up to 60 minutes. Look: iot-dr status --env {environment}"
        )
    if region.switch == "ALARM":
        yield (
            f"{name}: devices are led elsewhere until its switch is put back:"
            f" iot-dr switch back {name} --env {environment} --reason TEXT"
        )


def _of_topics(seen: Report) -> Iterator[str]:
    account = seen.settings.account_id
    for topic, found in seen.subscriptions.items():
        if isinstance(found, Unknown) or found.confirmed:
            continue
        if found.pending:
            yield f"{topic.region}: confirm a subscription of {topic.name}, by the e-mail from AWS"
            continue
        arn = f"arn:aws:sns:{topic.region}:{account}:{topic.name}"
        yield (
            f"{topic.region}: nobody is notified of the alarms of {topic.name}: aws sns subscribe"
            f" --region {topic.region} --topic-arn {arn} --protocol email"
            " --notification-endpoint ADDRESS"
        )
