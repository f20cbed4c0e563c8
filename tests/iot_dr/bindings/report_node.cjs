// Preloaded by a test: writes what jsii's node is and has loaded into the file named by NODE_REPORT.
"use strict";

if (require("node:worker_threads").isMainThread) {
  const fs = require("node:fs");
  process.on("exit", () => {
    const modules = Object.keys(require.cache);
    // Two processes start: jsii's wrapper, which loads nothing, and the one that works.
    if (modules.some((name) => name.includes("cdktf"))) {
      fs.writeFileSync(process.env.NODE_REPORT, JSON.stringify({ node: process.execPath, modules }));
    }
  });
}
