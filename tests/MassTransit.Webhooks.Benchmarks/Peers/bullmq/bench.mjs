// Usage: node bench.mjs PORT. Prints one JSON object a line: {what, setting, value}.
// The same work as the other peers: 500-byte bodies, every id counted once, a warm-up apart, the median of three rounds.
import { Queue, Worker } from 'bullmq';
import { randomUUID } from 'node:crypto';

const connection = { host: '127.0.0.1', port: Number(process.argv[2]) };
const body = 'x'.repeat(500);
const options = { removeOnComplete: true, removeOnFail: true };
const rounds = 3;

const say = (what, setting, value) => console.log(JSON.stringify({ what, setting, value }));
const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const seconds = since => Number(process.hrtime.bigint() - since) / 1e9;

async function rate(count, run) {
  await run(count / 4);
  const rates = [];
  for (let round = 0; round < rounds; round++) {
    const started = process.hrtime.bigint();
    await run(count);
    rates.push(count / seconds(started));
  }
  return median(rates);
}

async function oneByOne(queue, count) {
  for (let id = 0; id < count; id++) await queue.add('webhook', { id, body }, options);
}

async function concurrently(queue, count, publishers = 100) {
  await Promise.all(Array.from({ length: publishers }, async (_, publisher) => {
    for (let id = publisher; id < count; id += publishers) await queue.add('webhook', { id, body }, options);
  }));
}

async function inBatches(queue, count) {
  for (let first = 0; first < count; first += 1000) {
    await queue.addBulk(Array.from({ length: Math.min(1000, count - first) }, (_, i) => ({ name: 'webhook', data: { id: first + i, body }, opts: options })));
  }
}

for (const [what, count, run] of [
  ['enqueue, one awaited', 2_000, oneByOne],
  ['enqueue, 100 concurrent', 12_000, concurrently],
  ['enqueue, batches of 1,000', 12_000, inBatches],
]) {
  const queue = new Queue(randomUUID(), { connection });
  say(what, '', await rate(count, n => run(queue, n)));
  await queue.obliterate({ force: true });
  await queue.close();
}

for (const limit of [16, 100, 1000]) {
  const name = randomUUID();
  const queue = new Queue(name, { connection });
  let seen, missing, done;
  const worker = new Worker(name, async job => {
    if (seen[job.data.id]++) throw new Error('processed twice');
    if (--missing === 0) done();
  }, { connection, concurrency: limit });
  await worker.waitUntilReady();
  say('end to end', `limit ${limit}`, await rate(10_000, async count => {
    seen = new Uint8Array(count);
    missing = count;
    const finished = new Promise(resolve => { done = resolve; });
    await Promise.all([concurrently(queue, count), finished]);
  }));
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
}
process.exit(0);
