#!/usr/bin/env node
// Runs the program of the package for this platform, which npm has installed beside this one.
"use strict";

const { spawn } = require("child_process");
const os = require("os");

const packages = PLATFORMS;
const platform = `${process.platform}-${process.arch}`;

function programPath() {
  const name = packages[platform];
  if (!name) {
    console.error(`error: there is no cos-presign for \`${platform}\``);
    console.error(`hint: it is released for ${Object.keys(packages).join(", ")}`);
    process.exit(3);
  }
  const file = process.platform === "win32" ? "cos-presign.exe" : "cos-presign";
  try {
    return require.resolve(`${name}/bin/${file}`);
  } catch (error) {
    console.error(`error: the package \`${name}\` is not installed: ${error.code}`);
    console.error("hint: npm install --include=optional cos-presign");
    process.exit(3);
  }
}

const child = spawn(programPath(), process.argv.slice(2), { stdio: "inherit" });
// An interrupt comes from the terminal and reaches the program by itself; a second one would end it
// before it has tidied up. What is sent to this process alone is handed on.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`error: cos-presign cannot be started: ${error.message}`);
  process.exit(4);
});
child.on("exit", (code, signal) => {
  process.exit(signal ? 128 + os.constants.signals[signal] : code);
});
