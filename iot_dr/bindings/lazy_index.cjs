// Preloaded into jsii's node, see node.py.
"use strict";

const Module = require("node:module");
const threads = require("node:worker_threads");

// A provider's lib/index.js requires every submodule at once: make each require wait for its first use.
const PROVIDER_INDEX = /[\\/]@cdktf[\\/]provider-aws[\\/]lib[\\/]index\.js$/;
const EAGER_EXPORT = /^exports\.(\w+) = ((?:__importStar\()?require\("\.\/[\w/-]+"\)\)?);$/gm;
const LAZY_EXPORT = 'Object.defineProperty(exports, "$1", { enumerable: true, configurable: true, get: () => $2 });';

function lazy(source, filename) {
  const text = source.replace(EAGER_EXPORT, LAZY_EXPORT);
  if (text === source) {
    process.stderr.write(
      `warning: provider bindings load without the fast start: ${filename} requires no submodule in the known way\n`,
    );
  }
  return text;
}

function loadIndexLazily() {
  const compile = Module.prototype._compile;
  Module.prototype._compile = function (source, filename, ...rest) {
    const text = PROVIDER_INDEX.test(filename) ? lazy(source, filename) : source;
    return compile.call(this, text, filename, ...rest);
  };
}

// jsii indexes a new assembly in a worker, which would die with a fast app, run after run: let the process outlive it.
function exitAfterIndexing() {
  const exit = process.exit;
  let indexing = 0;
  threads.Worker = class extends threads.Worker {
    constructor(...args) {
      super(...args);
      indexing += 1;
      this.once("exit", () => (indexing -= 1));
    }
  };
  process.exit = (code) => (indexing ? (process.exitCode = code) : exit.call(process, code));
}

// jsii sets the variable for its own node; another node that inherits NODE_OPTIONS is left alone.
if (process.env.JSII_AGENT && threads.isMainThread) {
  loadIndexLazily();
  exitAfterIndexing();
}
