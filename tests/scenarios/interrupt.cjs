// Preloaded by a test into jsii's node: signals the command when node parses its text number SIGNAL_AT.
"use strict";

if (process.env.JSII_AGENT && require("node:worker_threads").isMainThread) {
  require("node:fs").writeFileSync(process.env.NODE_PID, String(process.pid));
  const parse = JSON.parse;
  let left = Number(process.env.SIGNAL_AT);
  JSON.parse = (...args) => {
    left -= 1;
    // A terminal's Ctrl-C reaches the whole group, a service manager's SIGTERM the command alone.
    if (left === 0 && process.env.SIGNAL === "SIGINT") process.kill(-process.ppid, "SIGINT");
    else if (left === 0) process.kill(process.ppid, process.env.SIGNAL);
    return parse(...args);
  };
}
