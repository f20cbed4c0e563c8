// The other end of pipeline.py, attached to jsii's host by runtime_program.cjs.
"use strict";

// The files of requests and answers; as published, a process around this one opens 3 for both.
const answers = Number(process.env.IOT_DR_ANSWERS);
exports.channel = answers ? { readFD: 0, writeFD: answers } : { readFD: 3, writeFD: 3 };

const TOKEN = /\$\{TfToken\[[\w:.-]+\]\}/g;
const IS_TOKEN = new RegExp(`^${TOKEN.source}$`);

// The texts that Python has chosen for tokens, and the engine's.
const toEngine = new Map();
const toPython = new Map();
const translated = (line, texts) => (texts.size ? line.replace(TOKEN, (text) => texts.get(text) ?? text) : line);

// The request in work, if nobody waits for its answer.
let posted;
// The error of the first posted request that failed: the next request that is waited for gets it.
let failure;

// What jsii is to name a new object, if Python has chosen its reference.
exports.reference = (fqn) => (posted?.ref?.startsWith(`${fqn}@`) ? posted.ref : undefined);

exports.attach = (inout, host) => {
  const { stdio } = inout;
  const { kernel } = host;
  const [readLine, writeLine] = [stdio.readLine.bind(stdio), stdio.writeLine.bind(stdio)];
  const [read, write, load] = [inout.read.bind(inout), inout.write.bind(inout), kernel.load.bind(kernel)];

  stdio.readLine = () => {
    const line = readLine();
    return line && translated(line, toEngine);
  };
  stdio.writeLine = (line) => {
    try {
      writeLine(translated(line, toPython));
    } catch (error) {
      // An app may end while a package is still unpacked: then nobody reads the answer, and the input ends too.
      if (error.code !== "EPIPE") throw error;
    }
  };
  // Reports to Python that it may post.
  kernel.load = (request) => ({ ...load(request), pipeline: true });

  const reportFailure = () => {
    write(failure);
    failure = undefined;
  };

  inout.read = () => {
    for (;;) {
      const request = read();
      posted = request?.posted ? request : undefined;
      if (!failure || !request || "exit" in request || "complete" in request) return request;
      // Nothing is done after a failure until it has been reported: no file is written.
      if (!posted) reportFailure();
    }
  };

  inout.write = (message) => {
    if (posted) {
      if (message.callback) throw new Error("Python cannot be called back during this request");
      const request = posted;
      posted = undefined;
      const problem = message.ok ? unexpected(message.ok, request) : message.error;
      if (problem) failure = { name: "Error", ...message, ok: undefined, error: located(kernel, request, problem) };
    } else if (failure && message.ok) {
      reportFailure();
    } else {
      write(message);
    }
  };
};

// What is wrong with an answer that Python has anticipated, if anything.
function unexpected(answer, { api, ref, token }) {
  if (api === "create") return answer["$jsii.byref"] === ref ? undefined : "the object has another reference";
  const value = api === "get" ? answer.value : answer.result;
  if (!token) return value === undefined ? undefined : "the method returns a value";
  if (!IS_TOKEN.test(value)) return `the value must be a token, not ${JSON.stringify(value)}`;
  toEngine.set(token, value);
  toPython.set(value, token);
  return undefined;
}

// An error's text with the path of the construct before it, if it has one.
function located(kernel, { objref, args }, text) {
  try {
    const { value: node } = kernel.get({ objref: objref ?? args[0], property: "node" });
    const { value: path } = kernel.get({ objref: node, property: "path" });
    return `${[path, objref ? "" : args[1]].filter(Boolean).join("/")}: ${text}`;
  } catch {
    return text;
  }
}
