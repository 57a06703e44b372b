// The page of phones. Whatever comes from outside (numbers, texts, bodies) is written as text and never as HTML.

const shownMessages = 200;
const shownExchanges = 100;

const byId = (id) => document.getElementById(id);
const state = {
  messages: new Map(), // id → {message, node}
  phones: new Map(), // number → {node, list, amount}
  exchanges: new Set(), // ids
  vendors: [],
  totals: {kept: 0, dropped: 0, limit: 0},
  find: '',
  clock: 0, // the server's time minus ours, in milliseconds
  pending: new Map(), // id → message that waits for the next frame
  stream: null,
};

// ---- Small tools

function fromTemplate(id) {
  return byId(id).content.firstElementChild.cloneNode(true);
}

function put(node, selector, text) {
  const target = selector ? node.querySelector(selector) : node;
  if (target.textContent !== text) target.textContent = text;
  return target;
}

async function call(path, body) {
  const options = body === undefined ? {} : {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)};
  const response = await fetch(path, options);
  const value = await response.json();
  if (!response.ok) throw new Error(value.error || `status ${response.status}`);
  return value;
}

const count = (n, one, many) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
const clockTime = (date) => date.toLocaleTimeString([], {hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'});
const now = () => Date.now() + state.clock;

async function copy(text, button, source) {
  try {
    await navigator.clipboard.writeText(text);
    put(button, null, 'Copied');
  } catch { // not allowed here: mark it, so that the person can
    getSelection().selectAllChildren(source);
    put(button, null, 'Selected');
  }
  setTimeout(() => put(button, null, 'Copy'), 1500);
}

// ---- Phones

function show(message) {
  const known = state.messages.get(message.id);
  if (known) {
    known.message = message;
    fill(known.node, message);
    return;
  }
  if (state.find && !message.to.includes(state.find)) return;
  const phone = phoneOf(message.to);
  const node = fromTemplate('message-template');
  node.dataset.id = message.id;
  const button = node.querySelector('.copy');
  button.addEventListener('click', () => copy(message.code, button, node.querySelector('.code')));
  fill(node, message);
  state.messages.set(message.id, {message, node});
  phone.list.prepend(node);
  phone.size++;
  put(phone.amount, null, count(phone.size, 'message', 'messages'));
  while (state.messages.size > shownMessages) hideOldest();
}

function phoneOf(number) {
  let phone = state.phones.get(number);
  if (phone) return phone;
  const node = fromTemplate('phone-template');
  node.dataset.number = number;
  put(node, '.number', number);
  const list = node.querySelector('.messages');
  list.setAttribute('aria-label', `Messages to ${number}`);
  phone = {node, list, amount: node.querySelector('.amount'), size: 0};
  state.phones.set(number, phone);
  byId('phone-list').prepend(node);
  return phone;
}

function hideOldest() {
  const [id, {message, node}] = state.messages.entries().next().value; // a Map keeps the order
  state.messages.delete(id);
  node.remove();
  const phone = state.phones.get(message.to);
  phone.size--;
  put(phone.amount, null, count(phone.size, 'message', 'messages'));
  if (phone.size > 0) return;
  phone.node.remove();
  state.phones.delete(message.to);
}

function fill(node, message) {
  node.dataset.vendor = message.vendor;
  put(node, '.vendor', message.vendor);
  put(node, '.channel', message.channel);
  put(node, '.text', message.text);
  const sent = new Date(message.sent_at);
  put(node, '.sent', clockTime(sent)).dateTime = message.sent_at;
  put(node, '.code', message.code || '');
  node.querySelector('.code-row').hidden = !message.code;
  put(node, '.delivery', message.delivery || '').hidden = !message.delivery;
  const tried = message.attempts || 0;
  put(node, '.attempts', message.max_attempts ? `${tried} of ${message.max_attempts} wrong codes` : count(tried, 'wrong code', 'wrong codes'));
  node.querySelector('.attempts').hidden = !message.code;
  node.querySelector('.copy').setAttribute('aria-label', `Copy ${message.code || ''}`);
  age(node, message);
}

// age shows what follows from the time.
function age(node, message) {
  const left = message.expires_at ? Date.parse(message.expires_at) - now() : 0;
  let current = message.state || '';
  if (current === 'pending' && message.expires_at && left <= 0) current = 'expired';
  if (node.dataset.state !== current) node.dataset.state = current;
  put(node, '.state', current);
  const running = current === 'pending' && message.expires_at;
  const bar = node.querySelector('.life');
  bar.value = running ? left / (Date.parse(message.expires_at) - Date.parse(message.sent_at)) : 0;
  bar.hidden = !message.code;
  const whole = Date.parse(message.expires_at) - Date.parse(message.sent_at); // the clocks may differ by a moment
  put(node, '.countdown', running ? `${remaining(Math.min(left, whole))} left` : '');
  node.querySelector('.countdown').hidden = !message.code;
}

function remaining(milliseconds) {
  const seconds = Math.ceil(milliseconds / 1000);
  const two = (n) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function summarise() {
  const {kept, dropped, limit} = state.totals;
  put(byId('totals'), null, count(kept, 'message', 'messages') + (dropped ? `, ${dropped.toLocaleString('en')} dropped` : ''));
  const notes = [];
  if (!state.find && kept > state.messages.size) notes.push(`Showing the newest ${state.messages.size} of ${count(kept, 'message', 'messages')}. Find a number to see others.`);
  if (dropped) notes.push(`Only the newest ${limit.toLocaleString('en')} are kept: ${count(dropped, 'older one was', 'older ones were')} dropped.`);
  put(byId('limits'), null, notes.join(' '));
  byId('limits').hidden = notes.length === 0;
  byId('empty').hidden = kept > 0 || state.messages.size > 0;
  byId('nothing-found').hidden = !state.find || state.messages.size > 0;
}

function clearPhones() {
  state.messages.clear();
  state.phones.clear();
  state.pending.clear();
  byId('phone-list').replaceChildren();
}

// later draws at most once per frame, and never holds back more than can be shown.
function later(message) {
  if (state.pending.size === 0) {
    if (document.hidden) setTimeout(draw, 50);
    else requestAnimationFrame(draw);
  }
  state.pending.delete(message.id);
  state.pending.set(message.id, message);
  if (state.pending.size > shownMessages) state.pending.delete(state.pending.keys().next().value);
}

function draw() {
  const messages = [...state.pending.values()];
  state.pending.clear();
  const fresh = messages.filter((m) => m.code && !state.messages.has(m.id));
  const oldest = state.messages.size < shownMessages ? 0 : state.messages.keys().next().value;
  for (const message of messages.sort((a, b) => a.id - b.id)) {
    if (message.id > oldest || state.messages.has(message.id)) show(message);
  }
  summarise();
  if (fresh.length > 0) announce(fresh);
}

function announce(messages) {
  const {code, to, vendor, channel} = messages[messages.length - 1];
  const others = messages.length > 1 ? `${messages.length} new codes, the last: ` : 'New code ';
  put(byId('announce'), null, `${others}${[...code].join(' ')} for ${to}, ${channel}, ${vendor}`);
}

// ---- Traffic

function showExchange(exchange) {
  if (state.exchanges.has(exchange.id)) return;
  state.exchanges.add(exchange.id);
  const node = fromTemplate('exchange-template');
  node.dataset.id = exchange.id;
  node.dataset.vendor = exchange.vendor;
  const status = put(node, '.status', exchange.status ? String(exchange.status) : 'none');
  status.dataset.class = exchange.status ? Math.floor(exchange.status / 100) : 0;
  put(node, '.method', exchange.method);
  put(node, '.path', exchange.path);
  put(node, '.at', clockTime(new Date(exchange.at))).dateTime = exchange.at;
  put(node, '.note', noteOf(exchange));
  put(node, '.request', [`${exchange.method} ${exchange.path}`, ...half(exchange.request)].join('\n'));
  const first = exchange.status ? `HTTP ${exchange.status}` : 'no answer: the connection was cut, or it hangs';
  put(node, '.response', [first, ...half(exchange.response)].join('\n'));
  byId('traffic-list').prepend(node);
  byId('no-traffic').hidden = true;
  while (state.exchanges.size > shownExchanges) {
    state.exchanges.delete(state.exchanges.values().next().value);
    byId('traffic-list').lastElementChild.remove();
  }
}

function noteOf(exchange) {
  const notes = [];
  if (exchange.fault) notes.push(`fault: ${exchange.fault}`);
  if (exchange.accepted && Math.floor(exchange.status / 100) !== 2) notes.push('accepted anyway');
  return notes.join(' · ');
}

function half({header, body, cut}) {
  const lines = header.map(([name, value]) => `${name}: ${value}`);
  if (body) lines.push('', cut ? `${body}\n… (cut here)` : pretty(body));
  return lines;
}

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function clearTraffic() {
  state.exchanges.clear();
  byId('traffic-list').replaceChildren();
  byId('no-traffic').hidden = false;
}

// ---- Faults

async function loadFaults() {
  showFaults((await call('/api/faults')).faults);
}

function showFaults(faults) {
  const nodes = faults.map(({vendor, text}) => {
    const node = fromTemplate('fault-template');
    node.dataset.vendor = vendor;
    put(node, '.vendor', vendor);
    put(node, '.text', text);
    return node;
  });
  for (const vendor of new Set(faults.map((fault) => fault.vendor))) {
    const button = fromTemplate('heal-template');
    button.dataset.vendor = vendor;
    put(button, null, `Drop those of ${vendor}`);
    button.addEventListener('click', () => control('/api/faults', {vendor, fault: 'none'}));
    const item = document.createElement('li');
    item.append(button);
    nodes.push(item);
  }
  byId('fault-list').replaceChildren(...nodes);
  byId('no-faults').hidden = faults.length > 0;
  put(byId('fault-count'), null, String(faults.length));
  byId('fault-count').hidden = faults.length === 0;
}

// control moves the simulators; the news of it comes with the stream.
async function control(path, request) {
  try {
    await call(path, request);
    put(byId('fault-error'), null, '');
  } catch (error) {
    put(byId('fault-error'), null, error.message);
  }
}

// offerFaults hides what the chosen vendor does not know.
function offerFaults() {
  const {faults} = state.vendors.find((vendor) => vendor.name === byId('fault-vendor').value);
  for (const button of document.querySelectorAll('[data-fault]')) button.hidden = !faults.includes(button.dataset.fault);
}

// ---- Configuration

function chosenVendor() {
  const name = document.querySelector('input[name="config-vendor"]:checked').value;
  return state.vendors.find((vendor) => vendor.name === name);
}

function showConfig() {
  const form = document.querySelector('input[name="config-form"]:checked').value;
  put(byId('config-text'), null, chosenVendor()[form]);
}

function showVendors(config) {
  const first = state.vendors.length === 0;
  state.vendors = config.vendors;
  if (first) {
    for (const vendor of config.vendors) {
      const label = fromTemplate('vendor-template');
      const input = label.querySelector('input');
      input.value = vendor.name;
      input.checked = vendor === config.vendors[0];
      put(label, 'span', vendor.title);
      byId('config-vendor').append(label);
      byId('fault-vendor').append(new Option(vendor.title, vendor.name));
    }
    byId('test-number').value = config.sample_number;
    offerFaults();
  }
  showConfig();
}

async function sendTest(vendor) {
  const {send} = vendor;
  const to = byId('test-number').value.trim();
  const inJSON = (text) => JSON.stringify(text).slice(1, -1);
  const body = send.body.replace('NUMBER', () => inJSON(to)).replace('DIGITS', () => inJSON(to.replace(/^\+/, '')));
  const headers = {'Content-Type': 'application/json', ...Object.fromEntries(send.header)};
  try {
    const response = await fetch(`/${vendor.name}${send.path}`, {method: send.method, headers, body});
    const answer = await response.text();
    put(byId('send-result'), null, response.ok ? `${vendor.title} answered ${response.status}.` : `${vendor.title} answered ${response.status}: ${answer}`);
  } catch {
    put(byId('send-result'), null, `${vendor.title} gave no answer.`);
  }
}

// ---- Loading, and what happens from then on

async function loadMessages() {
  const find = state.find;
  const list = await call(`/api/messages?limit=${shownMessages}&find=${encodeURIComponent(find)}`);
  if (find !== state.find) return list; // the person typed on
  clearPhones();
  state.totals = list;
  state.clock = Date.parse(list.now) - Date.now();
  for (const message of list.messages.reverse()) show(message);
  summarise();
  return list;
}

async function load() {
  state.stream?.close();
  try {
    const [list, traffic, faults, config] = await Promise.all([
      loadMessages(), call('/api/traffic'), call('/api/faults'), call('/api/config'),
    ]);
    clearTraffic();
    traffic.exchanges.slice(0, shownExchanges).reverse().forEach(showExchange);
    showFaults(faults.faults);
    showVendors(config);
    follow(list.last_event);
  } catch {
    connection('lost', 'Connection lost');
    setTimeout(load, 1000);
  }
}

function follow(after) {
  const stream = new EventSource(`/api/events?after=${encodeURIComponent(after)}`);
  const on = (kind, fn) => stream.addEventListener(kind, (event) => fn(JSON.parse(event.data)));
  state.stream = stream;
  stream.addEventListener('open', () => connection('live', 'Live'));
  stream.addEventListener('error', () => {
    connection('lost', 'Connection lost');
    if (stream.readyState === EventSource.CLOSED) setTimeout(load, 1000);
  });
  on('message', (news) => {
    state.totals = news;
    later(news.message);
  });
  on('exchange', (exchange) => {
    showExchange(exchange);
    if (exchange.fault) loadFaults();
  });
  on('faults', loadFaults);
  on('reset', (totals) => {
    state.totals = totals;
    clearPhones();
    clearTraffic();
    loadFaults();
    summarise();
  });
  on('stale', load);
}

function connection(kind, label) {
  byId('connection').dataset.state = kind;
  put(byId('connection'), '.label', label);
}

// ---- The person

function selectTab(tab) {
  for (const other of byId('tabs').querySelectorAll('[role="tab"]')) {
    const chosen = other === tab;
    other.setAttribute('aria-selected', String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    byId(other.getAttribute('aria-controls')).hidden = !chosen;
  }
}

byId('tabs').addEventListener('click', (event) => {
  const tab = event.target.closest('[role="tab"]');
  if (tab) selectTab(tab);
});

byId('tabs').addEventListener('keydown', (event) => {
  const tabs = [...byId('tabs').querySelectorAll('[role="tab"]')];
  const at = tabs.indexOf(document.activeElement);
  const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1}[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const tab = tabs[(to + tabs.length) % tabs.length];
  selectTab(tab);
  tab.focus();
});

let typing;
byId('find').addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    state.find = byId('find').value.replace(/[\s()-]/g, '');
    loadMessages().catch(() => connection('lost', 'Connection lost'));
  }, 150);
});

byId('reset').addEventListener('click', () => call('/api/reset', {}).catch(() => connection('lost', 'Connection lost')));
byId('panel-config').addEventListener('change', (event) => {
  if (event.target.type === 'radio') showConfig();
});
byId('copy-config').addEventListener('click', () => copy(byId('config-text').textContent, byId('copy-config'), byId('config-text')));
byId('send-test').addEventListener('click', () => sendTest(chosenVendor()));
byId('send-first').addEventListener('click', () => sendTest(chosenVendor()));
byId('fault-vendor').addEventListener('change', offerFaults);
byId('panel-faults').addEventListener('click', (event) => {
  const receipt = event.target.closest('[data-receipt]');
  if (receipt) {
    control('/api/receipts', {
      vendor: byId('fault-vendor').value, to: byId('fault-to').value.trim(), statuses: receipt.dataset.receipt.split(' '),
    });
  }
  const button = event.target.closest('[data-fault]');
  if (!button) return;
  control('/api/faults', {
    vendor: byId('fault-vendor').value,
    fault: button.dataset.fault,
    on: byId('fault-on').value,
    to: byId('fault-to').value.trim(),
    times: Number(byId('fault-times').value),
    seconds: Number(byId('fault-seconds').value),
  });
});
byId('advance').addEventListener('click', () => control('/api/clock', {
  advance: `${byId('minutes').value}m`,
  to: byId('fault-to').value.trim(),
}));

setInterval(() => {
  for (const {message, node} of state.messages.values()) age(node, message);
}, 1000);

load();
