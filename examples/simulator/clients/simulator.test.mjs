// Eight workers share one simulator, each a thread with phone numbers of its own.
//
//	SIMULATOR=http://127.0.0.1:8025 node --test simulator.test.mjs

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {Worker, isMainThread, parentPort, workerData} from 'node:worker_threads';
import {Phone, base, keys, request} from './simulator.mjs';

const workers = 8;
const rounds = 25;
const api = `${base}/hypersender/00000000-0000-4000-8000-000000000001`;

// app stands in for the program under test.
const app = {
  async post(call, body) {
    return (await request(`${api}/${call}`, body, {Accept: 'application/json', ...keys.hypersender})).status;
  },
  chat: (number) => `${number.slice(1)}@c.us`,
  send(number) {
    return app.post('request-code', {
      chatId: app.chat(number), length: 6, useLetter: false, useNumber: true, allCapital: false, name: 'Acme', expires: 300,
    });
  },
  verify(number, code) {
    return app.post('validate-code', {chatId: app.chat(number), code});
  },
};

// work is one worker's tests. They fail if anything of another worker's reaches it.
async function work(worker) {
  for (let turn = 0; turn < rounds; turn++) {
    const number = `+4477009${worker}${String(turn).padStart(3, '0')}`;
    const phone = new Phone(number);
    assert.deepEqual(await phone.messages(), [], 'a number that nobody has used');

    await phone.fail('hypersender', 'not-on-whatsapp', {times: 2});
    assert.deepEqual([await app.send(number), await app.send(number), await app.send(number)], [422, 422, 200]);
    assert.deepEqual(await phone.faults(), []);

    const first = await phone.nextCode();
    await phone.advance('10m');
    assert.equal(await app.verify(number, first.code), 422, 'a code that has expired');

    await phone.receipts('hypersender', [worker % 2 ? 'undelivered' : 'read'], '1m');
    assert.equal(await app.send(number), 200);
    const second = await phone.nextCode({after: first.id});
    assert.equal(second.state, 'pending');
    assert.equal(second.delivery, undefined, 'a receipt before its time');
    await phone.advance('1m');
    while (!(await phone.messages())[0].delivery) await sleep(10); // it comes in the background
    assert.equal((await phone.messages())[0].delivery, worker % 2 ? 'undelivered' : 'read');
    assert.equal(await app.verify(number, second.code), 200);
    if (worker % 2) await phone.quirks('hypersender', 'StatusByReason');
    assert.equal(await app.verify(number, second.code), worker % 2 ? 409 : 422, 'a code that was used');
    await phone.reset();
  }
}

if (isMainThread) {
  test('workers never meet', async () => {
    await Promise.all(Array.from({length: workers}, (_, worker) => new Promise((resolve, reject) => {
      new Worker(new URL(import.meta.url), {workerData: worker}).on('message', resolve).on('error', reject);
    })));
  });

  test('refusals say what to do', async () => {
    const phone = new Phone('+447700999999');
    await assert.rejects(phone.fail('acme', 'cut'), /vendor: must be one of insider/);
    await assert.rejects(phone.nextCode({timeout: '1ms'}), /no code came for this number within 1ms/);
  });
} else {
  await work(workerData);
  parentPort.postMessage('done');
}
