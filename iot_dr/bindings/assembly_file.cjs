// Reads the files of jsii's assemblies.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");

// jsii's own 16 KiB, allocated each time, take twice as long for the provider's 37 MB.
const chunk = Buffer.allocUnsafeSlow(256 * 1024);

// What jsii names a package's cache entry by: SHA-256 over the file and each further word after a NUL.
exports.digestFile = (file, ...words) => {
  const hash = crypto.createHash("sha256");
  const descriptor = fs.openSync(file, "r");
  try {
    let count;
    while ((count = fs.readSync(descriptor, chunk)) > 0) hash.update(chunk.subarray(0, count));
  } finally {
    fs.closeSync(descriptor);
  }
  for (const word of words) hash.update("\0").update(word);
  return hash.digest();
};

// jsii takes the definition of a type out of a file of 35 MB, by position: read no more than that.
exports.openRows = (file) => {
  const descriptor = fs.openSync(file, "r");
  return {
    toString(encoding, start, end) {
      const row = Buffer.alloc(end - start);
      let filled = 0;
      let count;
      do {
        count = fs.readSync(descriptor, row, filled, row.length - filled, start + filled);
        filled += count;
      } while (count > 0 && filled < row.length);
      return row.toString(encoding, 0, filled);
    },
  };
};
