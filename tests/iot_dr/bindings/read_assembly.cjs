// Run by a test: answers the questions of a JSON list on the module that is named first.
"use strict";

const assembly = require(process.argv[2]);

const questions = {
  digest: (file, ...words) => assembly.digestFile(file, ...words).toString("hex"),
  row: (file, start, end) => assembly.openRows(file).toString("utf-8", start, end),
};

function answer([name, ...rest]) {
  try {
    return questions[name](...rest);
  } catch (error) {
    return error.code;
  }
}

const asked = JSON.parse(require("node:fs").readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(asked.map(answer)));
