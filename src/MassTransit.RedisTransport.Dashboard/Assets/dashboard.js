// What the pages do beyond what they do without it: live figures, select all, copy, theme. It puts texts in place and makes no markup.

const status = document.getElementById('status');
const hold = document.getElementById('hold');
const theme = document.getElementById('theme');
const address = document.body.dataset.events;

for (const element of document.querySelectorAll('.tools, #all, [data-copy], [data-stop]'))
  element.hidden = false;
hold.hidden = !address;

// Theme: the system's, light, dark. Kept by this browser alone.
const themes = ['', 'light', 'dark'];

function stored() {
  try {
    return localStorage.getItem('redis-dashboard-theme') ?? '';
  } catch {
    return '';
  }
}

function show(name) {
  if (name)
    document.documentElement.dataset.theme = name;
  else
    delete document.documentElement.dataset.theme;
  theme.textContent = `Theme: ${name || 'system'}`;
}

show(themes.includes(stored()) ? stored() : '');
theme.addEventListener('click', () => {
  const next = themes[(themes.indexOf(document.documentElement.dataset.theme ?? '') + 1) % themes.length];
  try {
    localStorage.setItem('redis-dashboard-theme', next);
  } catch {
    // A browser that keeps nothing has the theme for this page.
  }
  show(next);
});

// Select the page.
document.querySelector('[data-all]')?.addEventListener('change', event => {
  for (const box of event.target.form.querySelectorAll('input[name="key"]'))
    box.checked = event.target.checked;
});

// A filter that has found nothing in a part goes on with the next one, until somebody stops it.
const more = document.querySelector('[data-continue]');
if (more) {
  const next = setTimeout(() => location.replace(more.href), 1000);
  document.querySelector('[data-stop]').addEventListener('click', event => {
    clearTimeout(next);
    event.target.hidden = true;
    say('Stopped.');
  });
}

// Copy.
for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', async () => {
    const from = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(from.textContent);
      say('Copied.');
    } catch {
      getSelection().selectAllChildren(from);
      say('Selected: copy it with the keyboard.');
    }
  });
}

// Live figures. One stream at most, none while the page is hidden or held.
const places = new Map();
for (const element of document.querySelectorAll('[data-live]'))
  places.set(element.dataset.live, [...(places.get(element.dataset.live) ?? []), element]);
let stream = null;
let reload = 0;
let last = '';
let quiet = 0;

function say(text) {
  if (status.textContent !== text)
    status.textContent = text;
}

function stale(isStale, text) {
  document.body.classList.toggle('stale', isStale);
  say(text);
}

// The stream says something every two seconds.
function listen() {
  clearTimeout(quiet);
  quiet = setTimeout(() => stale(true, `Figures are old: no news since ${last || 'the page was loaded'}.`), 6000);
}

function open() {
  if (!address || stream || document.hidden || hold.getAttribute('aria-pressed') === 'true')
    return;
  stream = new EventSource(address);
  listen();
  stream.addEventListener('message', event => {
    const news = JSON.parse(event.data);
    listen();
    if (news.away) {
      stale(true, `Redis does not answer. Figures are those of ${last || 'when the page was loaded'}.`);
      return;
    }
    last = news.at;
    stale(false, '');
    for (const [name, text] of Object.entries(news.texts)) {
      for (const element of places.get(name) ?? []) {
        if (element.dataset.attribute)
          element.setAttribute(element.dataset.attribute, text);
        else if (element.dataset.reload !== undefined && element.textContent !== text)
          location.reload();
        else if (element.textContent !== text)
          element.textContent = text;
      }
    }
  });
  stream.addEventListener('error', () => {
    // 2: the server refuses, so that the browser does not try again.
    if (stream?.readyState !== 2)
      return;
    close();
    clearTimeout(reload);
    reload = setTimeout(() => location.reload(), 30000);
  });
}

function close() {
  stream?.close();
  stream = null;
  clearTimeout(quiet);
}

hold.addEventListener('click', () => {
  const held = hold.getAttribute('aria-pressed') !== 'true';
  hold.setAttribute('aria-pressed', held);
  if (held) {
    close();
    clearTimeout(reload);
    stale(true, `Updates are held. Figures are those of ${last || 'when the page was loaded'}.`);
  } else {
    stale(false, '');
    open();
  }
});

document.addEventListener('visibilitychange', () => document.hidden ? close() : open());
addEventListener('pagehide', close);
addEventListener('pageshow', open);
open();
