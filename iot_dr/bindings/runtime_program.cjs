// jsii's runtime in node is one file: what it reads from assemblies is read with less work.
"use strict";

const { warn } = require("./warning.cjs");

const OURS = `require(${JSON.stringify(require.resolve("./assembly_file.cjs"))})`;

// Known text, and what stands for it.
const CHANGES = [
  [
    "p.digestFile=function digestFile(e,...p){return readFileChunks(e,()=>{},...p)}",
    `p.digestFile=${OURS}.digestFile`,
  ],
  ['(0,ae.readFileSync)(se(this,V,"f"))', `${OURS}.openRows(se(this,V,"f"))`],
];

exports.change = (source) => {
  if (CHANGES.every(([known]) => source.split(known).length === 2)) {
    return CHANGES.reduce((text, [known, ours]) => text.replace(known, () => ours), source);
  }
  warn("jsii's runtime reads assemblies in another way than the known one");
  return source;
};
