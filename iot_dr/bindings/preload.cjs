// Preloaded into jsii's node, see node.py.
"use strict";

const Module = require("node:module");
const path = require("node:path");
const threads = require("node:worker_threads");

// Each token of the engine keeps the stack of its creation: a third of node's work once it runs, and no line of Python.
const STACK_TRACE = /[\\/]cdkt[fn][\\/]lib[\\/]tokens[\\/]private[\\/]stack-trace\.js$/;
const CAPTURES = /^exports\.(capture\w+) = \1;$/gm;
const PROVIDER_INDEX = /[\\/]@cdkt[fn][\\/]provider-aws[\\/]lib[\\/]index\.js$/;

function compileOurWay() {
  const usual = Module.prototype._compile;
  Module.prototype._compile = function (source, filename, ...rest) {
    const compile = (text) => usual.call(this, text, filename, ...rest);
    if (PROVIDER_INDEX.test(filename)) return require("./provider_index.cjs").compile(this, source, compile);
    if (STACK_TRACE.test(filename)) return compile(source.replace(CAPTURES, "exports.$1 = () => [];"));
    const isRuntime = this.id === "." && path.basename(filename) === "program.js";
    return compile(isRuntime ? require("./runtime_program.cjs").change(source) : source);
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

// A terminal's Ctrl-C reaches every process of the group: Python decides what ends, and ends node by closing its input.
function leaveInterruptsToPython() {
  process.on("SIGINT", () => {});
  // The same for a SIGTERM to the group; one that jsii sends to a node that hangs ends it all the same.
  process.on("SIGTERM", () => setTimeout(() => process.exit(143), 3000).unref());
  for (const method of ["on", "once", "addListener"]) {
    const listen = process[method];
    process[method] = (event, ...rest) =>
      event === "SIGINT" || event === "SIGTERM" ? process : listen.call(process, event, ...rest);
  }
}

// jsii sets the variable for its own node; another node that inherits NODE_OPTIONS is left alone.
if (process.env.JSII_AGENT && threads.isMainThread) {
  compileOurWay();
  exitAfterIndexing();
  leaveInterruptsToPython();
}
