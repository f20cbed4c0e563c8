// A provider's lib/index.js requires every submodule at once: each waits for its first use here.
"use strict";

const { warn } = require("./warning.cjs");

// Newer compilers wrap each in __importStar, which gives what a compiler of TypeScript made as it is.
const EAGER_EXPORT = /^exports\.(\w+) = (?:__importStar\()?require\("(\.\/[\w/-]+)"\)\)?;$/gm;

exports.compile = (module, source, compile) => {
  const submodules = [];
  // Getters in the text would have to be compiled, in twice the time.
  const text = source.replace(EAGER_EXPORT, (_line, name, request) => {
    submodules.push([name, request]);
    return "";
  });
  if (!submodules.length) warn(`${module.filename} requires no submodule in the known way`);
  const result = compile(text);
  for (const [name, request] of submodules) {
    const get = () => module.require(request);
    Object.defineProperty(module.exports, name, { enumerable: true, configurable: true, get });
  }
  return result;
};
