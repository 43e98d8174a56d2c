// What an editor shows of scenarios: talks to yaml-language-server as an editor does, on standard input and output, and
// finds the schema by the first line of each file. `editor.mjs SERVER CASES`: CASES is the file that the test `mistakes`
// writes, a line of JSON for each mistake, or is left out.

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [server, cases] = process.argv.slice(2);
const scenarios = resolve('scenarios');
const uriOf = (path) => pathToFileURL(join(scenarios, path)).href;

const child = spawn(server, ['--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
child.on('exit', (code) => finish(`the server ended with ${code}`));

let sent = 0;
const waiting = new Map();
const diagnosed = new Map();

function write(message) {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
  child.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
  child.stdin.write(body);
}

function ask(method, params) {
  write({ id: ++sent, method, params });
  return new Promise((done) => waiting.set(sent, done));
}

const settings = {
  yaml: { validate: true, completion: true, hover: true, schemaStore: { enable: false }, schemas: {} },
  http: {},
  '[yaml]': {},
};

let come = Buffer.alloc(0);
child.stdout.on('data', (data) => {
  come = Buffer.concat([come, data]);
  for (;;) {
    const head = come.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(come.subarray(0, head).toString())[1]);
    if (come.length < head + 4 + length) return;
    const message = JSON.parse(come.subarray(head + 4, head + 4 + length).toString());
    come = come.subarray(head + 4 + length);
    hear(message);
  }
});

function hear({ id, method, params, result, error }) {
  if (method === 'workspace/configuration') {
    write({ id, result: params.items.map(({ section }) => settings[section] ?? null) });
  } else if (method && id !== undefined) {
    write({ id, result: null });
  } else if (method === 'textDocument/publishDiagnostics') {
    diagnosed.get(params.uri)?.(params.diagnostics);
    diagnosed.delete(params.uri);
  } else if (!method) {
    if (error) finish(JSON.stringify(error));
    waiting.get(id)?.(result);
    waiting.delete(id);
  }
}

let version = 0;

/** Opens a text under this path below `scenarios/`; what is wrong with it. */
function open(path, text) {
  const uri = uriOf(path);
  // The server keeps what it has read by path and version.
  version += 1;
  const come = new Promise((done) => diagnosed.set(uri, done));
  write({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version, text } } });
  return come;
}

function close(path) {
  diagnosed.delete(uriOf(path));
  write({ method: 'textDocument/didClose', params: { textDocument: { uri: uriOf(path) } } });
}

let wrong = 0;

function claim(holds, what) {
  if (holds) return;
  wrong += 1;
  console.error(`wrong: ${what}`);
}

function finish(why) {
  if (why) console.error(why);
  process.exit(why || wrong ? 1 : 0);
}

// Nothing here takes a tenth of this.
setTimeout(() => finish('the server does not answer'), 180_000).unref();

await ask('initialize', {
  processId: process.pid,
  rootUri: pathToFileURL(resolve('.')).href,
  capabilities: {
    textDocument: {
      synchronization: {},
      publishDiagnostics: {},
      completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown', 'plaintext'] } },
      hover: { contentFormat: ['markdown', 'plaintext'] },
    },
    workspace: { configuration: true },
  },
});
write({ method: 'initialized', params: {} });
write({ method: 'workspace/didChangeConfiguration', params: { settings } });

// Good files: nothing is wrong with any of a sample, nor with any that has `for`.
const files = readdirSync(scenarios, { recursive: true }).filter((path) => path.endsWith('.yaml')).sort();
const every = Math.floor(files.length / 40);
const texts = new Map(files.map((path) => [path, readFileSync(join(scenarios, path), 'utf8')]));
const modeline = '# yaml-language-server: $schema=../scenario.schema.json\n';
const good = files.filter((path, n) => n % every === 0 || /^for:/m.test(texts.get(path)));
const readme = [...readFileSync('README.md', 'utf8').matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text);
readme.filter((text) => /^for:/m.test(text)).forEach((text, n) => {
  const path = `readme/${n}.yaml`;
  texts.set(path, modeline + text);
  good.push(path);
});
for (const path of good) {
  for (const { range, message } of await open(path, texts.get(path))) {
    claim(false, `${path}:${range.start.line + 1}: nothing is wrong there, and it says: ${message}`);
  }
  close(path);
}
console.log(`${good.length} good files`);

// What a text offers where `|` stands, and what it tells there.
async function at(text, doing) {
  const path = 'made/one.yaml';
  const whole = modeline + text;
  const before = whole.slice(0, whole.indexOf('|')).split('\n');
  await open(path, whole.replace('|', ''));
  const position = { line: before.length - 1, character: before.at(-1).length };
  const result = await ask(`textDocument/${doing}`, { textDocument: { uri: uriOf(path) }, position });
  close(path);
  return result;
}

const offers = [
  ['scenario: x\nclauses: []\n|\n', ['steps', 'contexts', 'sessions', 'clock', 'for', 'readings']],
  ['scenario: x\nclauses: [|]\nsteps: []\n', ['add.identical-is-noop', 'flush.boundary']],
  ['scenario: x\nclauses: []\nreadings:\n  |\nsteps: []\n', ['victim', 'update_time.on']],
  ['scenario: x\nclauses: []\nreadings:\n  victim: |\nsteps: []\n', ['any', 'first_added']],
  ['scenario: x\nclauses: []\ncontexts:\n  server:\n    |\nsteps: []\n', ['mode', 'size', 'callbacks', 'external']],
  ['scenario: x\nclauses: []\ncontexts:\n  server:\n    mode: [|]\nsteps: []\n', ['SERVER', 'NO_AUTO_CLEAR']],
  ['scenario: x\nclauses: []\nsteps:\n  - |\n', ['add_session', 'handshake', 'flush_sessions', 'probe', 'repeat']],
  ['scenario: x\nclauses: []\nsteps:\n  - add_session: a\n    |\n', ['returns', 'members', 'callbacks', 'counters']],
  ['scenario: x\nclauses: []\nsteps:\n  - handshake: {}\n    returns: |\n', ['resumed', 'full', 'failed']],
  ['scenario: x\nclauses: []\nsteps:\n  - probe: ~\n    counters:\n      |\n', ['hits', 'cb_hits', 'number']],
  ['scenario: x\nclauses: []\nsteps:\n  - set_session_cache_mode: [|]\n', ['CLIENT', 'NO_INTERNAL']],
];
for (const [text, words] of offers) {
  const { items } = await at(text, 'completion');
  const offered = items.map(({ label }) => label.replace(/^"|"$/g, ''));
  const lacks = words.filter((word) => !offered.includes(word));
  claim(!lacks.length, `at the bar, no ${lacks.join(', ')} is offered but ${offered.join(', ') || 'nothing'}:\n${text}`);
}
console.log(`completion at ${offers.length} places`);

const tells = [
  ['sce|nario: x\nclauses: []\nsteps: []\n', 'The behaviour, as a sentence.'],
  ['scenario: x\nclauses: []\nsteps:\n  - add_s|ession: a\n', 'SSL\\_CTX\\_add\\_session'],
  ['scenario: x\nclauses: []\nsteps:\n  - probe: ~\n    mem|bers: []\n', 'The whole internal cache'],
  ['scenario: x\nclauses: []\ncontexts:\n  server: {si|ze: 3}\nsteps: []\n', '0 is unlimited'],
  ['scenario: x\nclauses: [flush.bound|ary]\nsteps: []\n', 'flush'],
];
for (const [text, words] of tells) {
  const told = (await at(text, 'hover'))?.contents?.value ?? '';
  const plain = (text) => text.replaceAll('\\', '').replaceAll('`', '').replaceAll('&nbsp;', ' ');
  claim(plain(told).includes(plain(words)), `at the bar, \`${words}\` is not told but \`${told}\`:\n${text}`);
}
console.log(`hover at ${tells.length} places`);

// Mistakes: of some kinds a schema sees each at its line, of some it sees that there is one. Names it does not know, and
// a tab or a missing colon may leave what is YAML and within the schema.
const SEEN = ['quote not closed', 'bracket not closed', 'two ops in a step', 'indentation', 'alias bomb'];
const rows = new Map();
const made = cases ? readFileSync(cases, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)) : [];
// The server waits a little before it looks at a file, so many are opened at once; each has a path of its own.
const founds = await Promise.all(made.map(({ path, text }, n) => {
  const folder = dirname(path.replace(/^.*scenarios\//, ''));
  return open(`${folder}/made-${n}.yaml`, text);
}));
for (const [n, { kind, line: row }] of made.entries()) {
  const found = founds[n];
  const counts = rows.get(kind) ?? { made: 0, seen: 0, line: 0 };
  counts.made += 1;
  counts.seen += found.length > 0;
  counts.line += found.some(({ range }) => range.start.line + 1 === row);
  rows.set(kind, counts);
}
for (const [kind, { made, seen, line }] of rows) {
  console.log(`${kind.padEnd(20)} ${made} made, ${seen} seen, ${line} at their line`);
  if (['misspelt key', 'wrong flag', 'misspelt clause', 'wrong type', 'key twice'].includes(kind)) {
    claim(line >= made * 0.95, `${kind}: too few are seen at their line`);
  } else if (SEEN.includes(kind)) {
    claim(seen >= made * 0.9, `${kind}: too few are seen`);
  }
}
finish();
