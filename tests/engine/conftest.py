from iot_dr.bindings.engine import chosen

# Dear, as Terraform on every stack is, and for `make test-cdktn` alone.
collect_ignore = [] if chosen() == "cdktn" else ["test_modules.py", "test_move.py"]
