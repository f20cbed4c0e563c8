#!/usr/bin/env bash
# The steps of action.yml: check.sh install|check|comment. What they read is in the environment.
set -euo pipefail
venv=$RUNNER_TEMP/iot-dr
sarif=$RUNNER_TEMP/iot-dr.sarif
text=$RUNNER_TEMP/iot-dr.txt

case $1 in
    install)
        # Once in a job that checks several times.
        [ -x "$venv/bin/iot-dr" ] ||
            "${PYTHON:-python3}" "$GITHUB_ACTION_PATH/tools/install.py" \
                "$venv" "$GITHUB_ACTION_PATH/locks/requirements-action.lock" "$GITHUB_ACTION_PATH"
        ;;
    check)
        shopt -s globstar nullglob
        paths=()
        # Without separators an unquoted pattern is only matched: no part of it is split or run.
        IFS=''
        while read -r pattern; do
            [ -n "$pattern" ] || continue
            # shellcheck disable=SC2206
            matches=($pattern)
            # One that matches nothing is a mistake, which the check names.
            paths+=("${matches[@]:-$pattern}")
        done <<< "$CHECKED"
        rm -f "$sarif"
        status=0
        ENV='' "$venv/bin/iot-dr" check --sarif "$sarif" -- "${paths[@]:-}" > "$text" 2>&1 || status=$?
        # No line of it is a command of the workflow.
        token=$(cat /proc/sys/kernel/random/uuid)
        echo "::stop-commands::$token"
        cat "$text"
        echo "::$token::"
        echo "status=$status" >> "$GITHUB_OUTPUT"
        if [ -f "$sarif" ]; then echo "sarif=$sarif" >> "$GITHUB_OUTPUT"; fi
        ;;
    comment)
        "$venv/bin/iot-dr" comment --name "$NAME" --body "$text" ||
            echo "::warning::iot-dr could not comment, and the check's result is not changed by it"
        ;;
esac
