// The page works without this script: the server says how long to wait for another code.

const resend = document.getElementById('resend');
const label = resend?.textContent;
const ready = Date.now() + 1000 * Number(resend?.dataset.seconds);

function count() {
  const seconds = Math.ceil((ready - Date.now()) / 1000);
  resend.disabled = seconds > 0;
  resend.textContent = seconds > 0 ? resend.dataset.wait.replace('{seconds}', seconds) : label;
  if (seconds > 0) setTimeout(count, 250);
}

if (resend) count();

// A second press would make the browser drop the answer to the first one, and with it the session: a code serves once.
for (const form of document.forms) {
  let pressed = false;
  form.addEventListener('submit', (event) => {
    if (pressed) event.preventDefault();
    else setTimeout(() => { pressed = false; }, 15000); // whoever has stopped it may press again
    pressed = true;
  });
  addEventListener('pageshow', () => { pressed = false; }); // back to a page that the browser has kept
}

// WebOTP: a text that ends with "@host #code" is offered to the person, and typed.
const code = document.getElementById('code');
if (code && 'OTPCredential' in window) {
  const typed = new AbortController();
  code.form.addEventListener('submit', () => typed.abort());
  navigator.credentials.get({ otp: { transport: ['sms'] }, signal: typed.signal }).then((message) => {
    code.value = message.code;
    code.form.requestSubmit();
  }).catch(() => {}); // the person types
}
