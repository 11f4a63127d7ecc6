'use strict';
(() => {
  const at = (id) => document.getElementById(id);
  const rows = [...at('files').children];

  const span = (seconds) => {
    const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24, minutes = Math.floor(seconds / 60) % 60;
    if (days > 0) return `${days} d ${hours} h`;
    if (hours > 0) return `${hours} h ${minutes} min`;
    return minutes > 0 ? `${minutes} min` : `${Math.max(0, Math.floor(seconds))} s`;
  };

  const clock = at('clock'), expires = Number(clock.dataset.expires);
  const tick = () => {
    const left = expires - Date.now() / 1000;
    const when = new Date(expires * 1000).toLocaleString();
    clock.textContent = left > 0 ? `The links expire in ${span(left)}, on ${when}.` : `The links expired on ${when}. Please ask for new ones.`;
    clock.className = left > 0 ? 'quiet' : 'bad';
    if (left > 0) setTimeout(tick, left < 120 ? 1000 : 15000);
  };
  tick();

  for (const time of document.querySelectorAll('time')) {
    time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  }

  // A picture that cannot be loaded says nothing; the name stays.
  for (const image of document.images) {
    const drop = () => { image.style.visibility = 'hidden'; };
    if (image.complete && image.naturalWidth === 0 && image.loading !== 'lazy') drop();
    image.addEventListener('error', drop);
  }

  const search = at('search');
  at('find').hidden = rows.length < 10;
  const names = rows.map((row) => row.querySelector('bdi').textContent.toLowerCase());
  search.addEventListener('input', () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every((word) => names[index].includes(word));
      if (!row.hidden) count += 1;
    });
    all.textContent = words.length > 0 ? 'Download these' : 'Download all';
    at('found').textContent = words.length > 0 ? `${count} of ${rows.length} files` : '';
  });

  // A frame of its own per file: a download does not interrupt the one before it. Only for links that the store serves as
  // attachments, since others would be shown in the frame.
  const links = rows.map((row) => row.querySelector('a'));
  const isAttachment = (link) => new URL(link.href).searchParams.get('response-content-disposition')?.startsWith('attachment');
  const all = at('all'), started = at('started');
  at('each').hidden = rows.length < 2 || !('sandbox' in HTMLIFrameElement.prototype) || !links.every(isAttachment);
  all.addEventListener('click', async () => {
    const wanted = links.filter((link, index) => !rows[index].hidden);
    all.disabled = true;
    for (const [index, link] of wanted.entries()) {
      const frame = document.createElement('iframe');
      frame.hidden = true;
      frame.sandbox = 'allow-downloads';
      frame.src = link.href;
      document.body.append(frame);
      started.textContent = `${index + 1} of ${wanted.length} downloads started. If the browser asks, allow several downloads.`;
      await new Promise((done) => { setTimeout(done, 600); });
    }
    all.disabled = false;
  });

  const copy = at('copy');
  copy.hidden = false;
  copy.addEventListener('click', async () => {
    const command = at('command');
    try {
      await navigator.clipboard.writeText(command.value);
      at('copied').textContent = 'Copied.';
    } catch {
      command.focus();
      command.select();
      at('copied').textContent = 'Selected: copy it with the keyboard.';
    }
  });
})();
