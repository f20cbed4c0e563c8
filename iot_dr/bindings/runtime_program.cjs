// jsii's runtime in node is one file: what it reads from assemblies is read with less work, and pipeline.cjs is attached.
"use strict";

const { warn } = require("./warning.cjs");

const ours = (script) => `require(${JSON.stringify(require.resolve(script))})`;

// Known text, and its replacement.
const CHANGES = [
  [
    "p.digestFile=function digestFile(e,...p){return readFileChunks(e,()=>{},...p)}",
    `p.digestFile=${ours("./assembly_file.cjs")}.digestFile`,
  ],
  ['(0,ae.readFileSync)(se(this,V,"f"))', `${ours("./assembly_file.cjs")}.openRows(se(this,V,"f"))`],
  [
    "_ObjectTable_makeId(e){var p,m;return`",
    `_ObjectTable_makeId(e){var p,m;return ${ours("./pipeline.cjs")}.reference(e)??\``,
  ],
  ["readFD:3,writeFD:3", `...${ours("./pipeline.cjs")}.channel`],
  // At its end jsii would remove a folder that another process has just created, to lock a package in it.
  ['removeEmptyDirectories(H(this,_,"f"))', "0"],
  ['ie.once("exit",process.exit.bind(process))', `${ours("./pipeline.cjs")}.attach(te,ie),$&`],
];

exports.change = (source) => {
  if (CHANGES.every(([known]) => source.split(known).length === 2)) {
    return CHANGES.reduce((text, [known, ours]) => text.replace(known, () => ours.replace("$&", known)), source);
  }
  warn("jsii's runtime reads assemblies in another way than the known one");
  return source;
};
