// The button for a further code rests until the server would send one. Without this script it can be pressed at any time,
// and the server says how long to wait.

const button = document.getElementById('resend');
const label = button?.textContent;
const ready = Date.now() + 1000 * Number(button?.dataset.seconds);

function count() {
  const seconds = Math.ceil((ready - Date.now()) / 1000);
  button.disabled = seconds > 0;
  button.textContent = seconds > 0 ? `${label} in ${seconds} s` : label;
  if (seconds > 0) setTimeout(count, 250);
}

if (button) count();
