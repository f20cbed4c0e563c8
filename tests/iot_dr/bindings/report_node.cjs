// Preloaded by a test: writes what jsii's node is, has loaded and has read whole into the file named by NODE_REPORT.
"use strict";

if (require("node:worker_threads").isMainThread) {
  const fs = require("node:fs");
  const read = [];
  const usual = fs.readFileSync;
  fs.readFileSync = (file, ...rest) => {
    read.push(String(file));
    return usual(file, ...rest);
  };
  process.on("exit", () => {
    const modules = Object.keys(require.cache);
    // Two processes start: jsii's wrapper, which loads nothing, and the one that works.
    if (modules.some((name) => /[\\/]cdkt[fn][\\/]/.test(name))) {
      fs.writeFileSync(process.env.NODE_REPORT, JSON.stringify({ node: process.execPath, modules, read }));
    }
  });
}
