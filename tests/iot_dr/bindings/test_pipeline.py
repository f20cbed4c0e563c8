"""Requests that Python does not wait for, as an app sees them."""

import pytest

from tests.iot_dr.bindings.conftest import Process

_APP = """\
import iot_dr, threading
from cdktf import App, Aspects, Fn, IAspect, TerraformOutput, TerraformStack, Token
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter
from constructs import Construct, Node
import jsii

def stack_in(out):
    app = App(outdir=out)
    stack = TerraformStack(app, "stack")
    AwsProvider(stack, "aws", region="eu-west-1")
    return app, stack

def parameter(scope, name, value):
    return SsmParameter(scope, name, name=f"/{name}", type="String", value=value)

app, stack = stack_in("out")
"""

_TAKEN = """
block = Construct(stack, "block")
parameter(block, "twice", "1")
parameter(block, "twice", "2")
"""
_LATE = """
zone = Route53Zone(stack, "zone", name="example.com")
zone.fqn
zone.override_logical_id("late")
"""


def _last_line(text: str) -> str:
    return text.splitlines()[-1]


@pytest.mark.parametrize(
    ("failing", "message"),
    [
        (_TAKEN, "stack/block/twice: There is already a Construct with name 'twice'"),
        (_LATE, "stack/zone: AssertionError [ERR_ASSERTION]: Logical ID may not be overridden"),
    ],
    ids=["create", "method"],
)
def test_synthesis_raises_the_error_of_an_earlier_request_and_writes_nothing(
    process: Process, failing: str, message: str
) -> None:
    done = process.code(f"{_APP}{failing}\nparameter(stack, 'next', '3')\napp.synth()\nprint('no')")
    assert (done.returncode, done.stdout) == (1, "")
    assert _last_line(done.stderr).startswith(f"RuntimeError: {message}")
    assert not process.output("out")


def test_an_app_goes_on_after_an_error_that_it_catches(process: Process) -> None:
    done = process.code(
        f"{_APP}{_TAKEN}\n"
        "try: print(Node.of(stack).path)\n"
        "except RuntimeError: print('raised')\n"
        "print(Node.of(parameter(stack, 'next', '3')).path)"
    )
    assert (done.stdout, done.stderr) == ("raised\nstack/next\n", "")


def test_an_error_that_no_request_has_raised_is_printed_at_exit(process: Process) -> None:
    done = process.code(_APP + _TAKEN)
    assert _last_line(done.stderr).startswith("RuntimeError: stack/block/twice: There is already")


def test_an_exception_of_the_app_is_printed_alone(process: Process) -> None:
    done = process.code(f"{_APP}{_TAKEN}\nraise SystemError('mine')")
    assert _last_line(done.stderr) == "SystemError: mine"
    assert "There is already" not in done.stderr


def test_a_mistake_that_a_command_reports_is_printed_alone(process: Process) -> None:
    command = "import sys; from iot_dr.cli import main; sys.argv[1:] = ['env', 'check']; main()"
    done = process.code(f"{_APP}{_TAKEN}\n{command}")
    assert done.returncode == 2
    assert "There is already" not in done.stderr
    assert "Traceback" not in done.stderr


def test_thousands_of_requests_in_a_row_end(process: Process) -> None:
    # More than the pipe and node's buffer hold, then one request larger than both, and its answer.
    done = process.code(
        f"{_APP}\n"
        "for number in range(4000): Construct(stack, f'block-{number}-' + 'x' * 500)\n"
        "last = parameter(stack, 'last', 'x' * 3_000_000)\n"
        "print(len(Node.of(stack).children), len(last.value_input))"
    )
    assert (done.stdout, done.stderr) == ("4002 3000000\n", "")


_READ = """
zone = Route53Zone(stack, "zone", name="example.com")
zone.override_logical_id("pinned")
first, second = zone.arn, zone.zone_id
TerraformOutput(stack, "text", value=f"{first}/{second}")
TerraformOutput(stack, "call", value=Fn.upper(first))
reader = parameter(stack, "reader", first)
print(Token.is_unresolved(first), reader.value_input == first, first < second)
app.synth()
print(open("out/stacks/stack/cdk.tf.json").read())
"""


def test_an_attribute_reads_as_the_reference_that_it_is(process: Process) -> None:
    done = process.code(_APP + _READ)
    assert done.stdout.startswith("True True True\n")
    reference = "aws_route53_zone.pinned"
    assert f'"value": "${{{reference}.arn}}/${{{reference}.zone_id}}"' in done.stdout
    assert f'"value": "${{upper({reference}.arn)}}"' in done.stdout


_ASPECT = """
@jsii.implements(IAspect)
class Visitor:
    def visit(self, node):
        if isinstance(node, SsmParameter):
            seen.append(node.name_input)
            node.tags = {"seen": "yes"}

seen = []
parameter(stack, "before", "1")
Aspects.of(stack).add(Visitor())
parameter(stack, "after", "2").override_logical_id("pinned")
app.synth()
print(seen, open("out/stacks/stack/cdk.tf.json").read().count('"seen": "yes"'))
"""


def test_node_calls_python_back(process: Process) -> None:
    done = process.code(_APP + _ASPECT)
    assert (done.stdout, done.stderr) == ("['/before', '/after'] 2\n", "")


_THREADS = """
def build(number):
    app, stack = stack_in(f"out-{number}")
    for name in range(200):
        parameter(stack, f"p{name}", parameter(stack, f"q{name}", str(number)).arn)
        Node.of(stack).path
    app.synth()

threads = [threading.Thread(target=build, args=(number,)) for number in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
texts = [open(f"out-{number}/stacks/stack/cdk.tf.json").read() for number in range(4)]
print(len({text.replace(f'"value": "{number}"', "") for number, text in enumerate(texts)}))
"""


def test_threads_may_build_an_app_each(process: Process) -> None:
    done = process.code(_APP + _THREADS)
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_stock_bindings_wait_for_every_answer(process: Process) -> None:
    done = process.code(
        "import iot_dr, constructs, jsii; print(jsii.create == jsii.kernel.create)",
        IOT_DR_BINDINGS="stock",
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
