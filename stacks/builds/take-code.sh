# The first command of every build but the first one's. Whatever lies in the artifact bucket, builds of
# other executions can write over; what runs from here on runs with this build's rights. So nothing
# of it is touched before its digest is the one that the first action of this execution exported,
# and what else may lie beside it is left aside.
{
  [ ! -L code.tar ] && printf '%s  code.tar\n' "$CODE_SHA256" | sha256sum --check --strict --status
} || {
  echo "code.tar is not what the first action of this execution has left: start a new execution"
  false
} && mkdir code && tar --extract --no-same-owner --file code.tar --directory code && cd code
