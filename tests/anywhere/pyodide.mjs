// Install wheels in Pyodide, which is CPython in WebAssembly, and run check.py there.
//
//     npm install --prefix tests/anywhere
//     node tests/anywhere/pyodide.mjs SAVED_RULES WHEEL...
//
// Nothing is downloaded: the wheels are those of miniyara and of lark.

import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPyodide, version } from "pyodide";

const project = dirname(dirname(import.meta.dirname ?? dirname(fileURLToPath(import.meta.url))));
const [saved, ...wheels] = process.argv.slice(2);

const pyodide = await loadPyodide();
const started = performance.now() / 1000;
console.log(`Pyodide ${version} on Node ${process.version}: started in ${started.toFixed(2)} s`);

const extractDir = pyodide.runPython("import sysconfig; sysconfig.get_path('purelib')");
for (const wheel of wheels) {
  pyodide.unpackArchive(new Uint8Array(readFileSync(wheel)), "wheel", { extractDir });
}
for (const [folder, root] of [["/project", project], ["/saved", dirname(saved)]]) {
  pyodide.FS.mkdirTree(folder);
  pyodide.mountNodeFS(folder, root);
}
pyodide.FS.chdir("/project");
pyodide.globals.set("saved", saved.replace(dirname(saved), "/saved"));
try {
  process.exitCode = pyodide.runPython(`
import runpy
runpy.run_path("tests/anywhere/check.py")["main"](saved)
`);
} catch (error) {
  // Node would show the whole line of its source, which is all of Pyodide.
  console.error(error.message);
  process.exitCode = 1;
}
