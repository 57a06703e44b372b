// A client of the simulator of passcode vendors, for Node 18 and later without any package. Copy it.

export const base = process.env.SIMULATOR ?? 'http://127.0.0.1:8025';

export const keys = {hypersender: {Authorization: 'Bearer 1|hypersender-simulator-token'}};

// request gives the status and the JSON of an answer.
export async function request(url, body, headers = {}) {
  const method = body === undefined ? 'GET' : 'POST';
  const answer = await fetch(url, {method, headers: {'Content-Type': 'application/json', ...headers}, body: JSON.stringify(body)});
  return {status: answer.status, value: await answer.json()};
}

// Phone is one phone number, and what happens to it alone. A test takes a number that no other test uses.
export class Phone {
  constructor(number) {
    this.number = number;
  }

  async call(path, body, query = {}) {
    const {status, value} = await request(`${base}/api/${path}?${new URLSearchParams(query)}`, body);
    if (status !== 200) throw new Error(value.error);
    return value;
  }

  // messages are the texts that it received, newest first.
  async messages() {
    return (await this.call('messages', undefined, {to: this.number})).messages;
  }

  // nextCode is the message with its newest code, or the first after the message with the id after. It waits for it.
  async nextCode({after, timeout = '30s'} = {}) {
    return this.call('codes/next', undefined, {to: this.number, timeout, ...(after === undefined ? {} : {after})});
  }

  // fail lets the next request about it fail; more is {on: 'send'}, {times: 3} and so on.
  async fail(vendor, fault, more = {}) {
    return (await this.call('faults', {vendor, fault, to: this.number, ...more})).faults;
  }

  // faults are those that no request has met yet.
  async faults() {
    return (await this.call('faults', undefined, {to: this.number})).faults;
  }

  // quirks chooses among what the vendor's pages leave open; none = the usual reading.
  async quirks(vendor, ...quirks) {
    return this.call('quirks', {vendor, quirks, to: this.number});
  }

  // receipts say what becomes of every further text to it, and how late the vendor reports that.
  async receipts(vendor, statuses, after = '0s') {
    return this.call('receipts', {vendor, statuses, after, to: this.number, further: true});
  }

  // advance makes its codes older, and its late receipts come: '5m'.
  async advance(time) {
    return this.call('clock', {advance: time, to: this.number});
  }

  // reset forgets its messages, codes, faults and quirks.
  async reset() {
    return this.call('reset', {to: this.number});
  }
}
