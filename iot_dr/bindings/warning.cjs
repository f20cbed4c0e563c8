// The one line that says why node loads slowly; fallback.py has Python's.
"use strict";

exports.warn = (reason) => {
  process.stderr.write(`warning: provider bindings load without the fast start: ${reason}\n`);
};
