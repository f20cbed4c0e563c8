from iot_dr.bindings.engine import chosen

# Expensive, because Terraform runs on every stack, and needed only by `make test-cdktn`.
collect_ignore = [] if chosen() == "cdktn" else ["test_modules.py", "test_move.py"]
