"""Print what iot-dr finds in Terraform's JSON, an object a line: `python judge.py plan.json`."""

import json
import sys
from pathlib import Path

from iot_dr.judging import ResourceSet, UserError, Verdict, judge, not_judged, proofs, read_files

try:
    files = read_files([Path(path) for path in sys.argv[1:]])
except UserError as error:
    print(json.dumps({"error": str(error)}), file=sys.stderr)
    sys.exit(error.status)
resources = ResourceSet(files.stacks)
judgement = judge(resources)
for finding in judgement.findings:
    verdict = finding.verdict.value
    print(json.dumps({"verdict": verdict, "rule": finding.rule, "address": finding.address}))
for proof in proofs(resources):
    violations = [f"{violation.property}: {violation}" for violation in proof.violations]
    print(json.dumps({"verdict": proof.verdict, "name": proof.name, "violations": violations}))
for note in (*files.not_checked, *not_judged(resources)):
    print(json.dumps({"verdict": "not judged", "note": note}))
sys.exit(1 if judgement.verdict is Verdict.BLOCK else 0)
