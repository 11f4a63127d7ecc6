'use strict';
(() => {
  const plan = JSON.parse(document.getElementById('upload').textContent);
  const at = (id) => document.getElementById(id);
  const input = at('choose'), list = at('files'), status = at('status'), sendButton = at('send');
  const PLACE = '${filename}';
  const several = plan.kind === 'form' && plan.severalFiles;
  const items = [];
  let ended = false, finished = false;

  const say = (text, kind) => { status.textContent = text; status.className = kind || ''; };

  const size = (bytes) => {
    const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
    let value = bytes, unit = 0;
    while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
    if (bytes === 1) return '1 byte';
    return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
  };

  const span = (seconds) => {
    const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24, minutes = Math.floor(seconds / 60) % 60;
    if (days > 0) return `${days} d ${hours} h`;
    if (hours > 0) return `${hours} h ${minutes} min`;
    return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
  };

  // What may be sent

  const types = plan.contentTypes;
  const kindOf = (type) => type.split(';')[0].trim().toLowerCase();
  const fits = (type) => types.some((wanted) => (plan.typeIsChosen ? type.startsWith(wanted) : kindOf(type) === kindOf(wanted)));
  const shownType = (type) => (type.endsWith('/') ? `${type}*` : type);

  const keyOf = (file) => (several ? plan.key.split(PLACE).join(file.name) : plan.key);

  const objection = (file) => {
    if (plan.minSize !== null && plan.minSize === plan.maxSize && file.size !== plan.minSize) {
      return `${file.name} has ${file.size} bytes; only a file of exactly ${plan.minSize} bytes is accepted.`;
    }
    if (plan.maxSize !== null && file.size > plan.maxSize) {
      const exact = size(file.size) === size(plan.maxSize);
      const [is, most] = exact ? [`${file.size} bytes`, `${plan.maxSize} bytes`] : [size(file.size), size(plan.maxSize)];
      return `${file.name} has ${is}; at most ${most} are accepted.`;
    }
    if (plan.minSize !== null && file.size < plan.minSize) {
      return `${file.name} has ${size(file.size)}; at least ${size(plan.minSize)} are wanted.`;
    }
    if (types.length > 0 && file.type === '' && plan.typeIsChosen) {
      return `${file.name} is of a type that this browser does not know; accepted is ${types.map(shownType).join(', ')}.`;
    }
    if (types.length > 0 && file.type !== '' && !fits(file.type)) {
      return `${file.name} is of the type ${file.type}; accepted is ${types.map(shownType).join(', ')}.`;
    }
    if (several && /[\u0000-\u001f\u007f]/.test(file.name)) return 'The name of a file has control characters in it; please rename it.';
    if (several && new TextEncoder().encode(keyOf(file)).length > 1024) return `The name of ${file.name} is too long; please shorten it.`;
    if (several && items.some((item) => item.file.name === file.name && item.state !== 'failed')) {
      return `There is a file ${file.name} in the list already; of two with one name only one would be kept.`;
    }
    return null;
  };

  // What goes wrong

  const WORDS = {
    AccessDenied: 'The store does not allow it. Perhaps the time is over, or the file is not what was asked for.',
    BadDigest: 'The file is not the one that was asked for, or was damaged on the way.',
    EntityTooLarge: 'The file is too large.',
    EntityTooSmall: 'The file is too small.',
    ExpiredToken: 'The time for this page is over. Please ask for a new one.',
    InvalidAccessKeyId: 'The key with which this page was made is no longer valid. Please ask for a new page.',
    InvalidDigest: 'The file is not the one that was asked for.',
    InvalidPolicyDocument: 'The file is not what was asked for: its size, its type or its name.',
    InternalError: 'The store has a fault. Please try again.',
    NoSuchBucket: 'The place for the file is gone. Please tell the person who sent you this page.',
    NoSuchUpload: 'The upload is over already, or was thrown away.',
    PreconditionFailed: 'There is a file in this place already, and it must not be replaced.',
    RequestTimeout: 'The connection was too slow. Please try again.',
    RequestTimeTooSkewed: 'The clocks differ too much, or the time for this page is over.',
    ServiceUnavailable: 'The store is busy. Please try again in a moment.',
    SignatureDoesNotMatch: 'The page does not fit the store. Please ask for a new one.',
    SlowDown: 'The store is busy. Please try again in a moment.',
  };

  const refusal = (code, xml) => {
    const error = new DOMParser().parseFromString(xml || '', 'application/xml');
    const name = error.getElementsByTagName('Code')[0];
    const text = name ? name.textContent.trim() : '';
    const over = Date.now() / 1000 >= plan.expiresAt;
    const words = over && code === 403 ? 'The time for this page is over. Please ask for a new one.' : WORDS[text];
    return `${words || 'The store has refused the file.'} (${[code, text].filter(Boolean).join(', ')})`;
  };

  // A file of which the browser keeps its origin to itself has the origin "null".
  const unreachable = () =>
    `The connection failed, or the bucket does not take files from this page (${window.origin}). ` +
    `Its owner can allow that: cos-presign cors ${plan.bucket} --origin ${window.origin}`;

  const failure = (text) => Object.assign(new Error(text), { isTold: true });

  // How it is sent

  const request = (item, method, url, headers, body, onProgress) => new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    item.running.add(xhr);
    xhr.open(method, url);
    // Browsers send these by themselves and let no page set them.
    const own = ['content-length', 'host', 'connection'];
    for (const [name, value] of headers) if (!own.includes(name.toLowerCase())) xhr.setRequestHeader(name, value);
    if (onProgress) xhr.upload.onprogress = (event) => onProgress(event.loaded);
    xhr.onload = () => {
      const good = xhr.status >= 200 && xhr.status < 300 && !/<Error[ >]/.test(xhr.responseText);
      if (good) resolve(xhr);
      else reject(Object.assign(failure(refusal(xhr.status, xhr.responseText)), { again: xhr.status >= 500 || xhr.status === 429 }));
    };
    xhr.onerror = () => reject(Object.assign(failure(unreachable()), { again: true }));
    xhr.onabort = () => reject(failure('Cancelled.'));
    xhr.onloadend = () => item.running.delete(xhr);
    xhr.send(body);
  });

  const sendForm = async (item, onProgress) => {
    const form = new FormData();
    if (plan.typeIsChosen) form.append('Content-Type', item.file.type);
    for (const [name, value] of plan.fields) form.append(name, name.toLowerCase() === 'key' ? keyOf(item.file) : value);
    form.append('file', item.file);
    if (plan.redirect === null) return request(item, 'POST', plan.url, [], form, onProgress);
    // The store answers with a redirect, which a page can notice but not follow to another host.
    const stop = new AbortController();
    const handle = { abort: () => stop.abort() };
    item.running.add(handle);
    item.bar.removeAttribute('value');
    try {
      const answer = await fetch(plan.url, { method: 'POST', body: form, redirect: 'manual', signal: stop.signal });
      if (answer.type !== 'opaqueredirect' && !answer.ok) throw failure(refusal(answer.status, await answer.text()));
    } catch (error) {
      throw error.isTold ? error : failure(stop.signal.aborted ? 'Cancelled.' : unreachable());
    } finally {
      item.running.delete(handle);
    }
    return null;
  };

  const sendPut = (item, onProgress) => request(item, 'PUT', plan.url, plan.headers, item.file, onProgress);

  const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

  const patiently = async (item, send) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send();
      } catch (error) {
        if (!error.again || attempt === 4 || item.state !== 'sending') throw error;
        await pause(2 ** attempt);
      }
    }
  };

  const sendParts = async (item, onProgress) => {
    const etags = (item.etags ||= new Map()), moving = new Map();
    const told = () => onProgress(
      plan.parts.reduce((sum, part) => sum + (etags.has(part.part_number) ? part.size : moving.get(part.part_number) || 0), 0),
    );
    const waiting = plan.parts.filter((part) => !etags.has(part.part_number));
    const worker = async () => {
      for (let part = waiting.shift(); part; part = waiting.shift()) {
        const number = part.part_number;
        const bytes = item.file.slice(part.offset, part.offset + part.size);
        const sent = await patiently(item, () =>
          request(item, 'PUT', part.url, plan.headers, bytes, (loaded) => { moving.set(number, loaded); told(); }));
        const etag = sent.getResponseHeader('ETag');
        if (!etag) throw failure(`The bucket hides the header ETag from this page. Its owner can show it: cos-presign cors ${plan.bucket} --origin ${window.origin}`);
        etags.set(number, etag);
        told();
      }
    };
    const workers = [worker(), worker(), worker()];
    try {
      await Promise.all(workers);
    } catch (error) {
      waiting.length = 0;
      for (const running of item.running) running.abort();
      await Promise.allSettled(workers);
      throw error;
    }
    const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
    const parts = plan.parts.map(({ part_number: number }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${escape(etags.get(number))}</ETag></Part>`);
    const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
    return patiently(item, () => request(item, 'POST', plan.complete.url, plan.complete.headers, body));
  };

  const SENDERS = { form: sendForm, put: sendPut, parts: sendParts };

  // The list

  const show = (item, state, text, kind) => {
    item.state = state;
    item.detail.textContent = text;
    item.detail.className = `detail ${kind || ''}`;
    item.bar.hidden = state !== 'sending';
    item.button.hidden = state === 'done';
    item.button.textContent = { waiting: 'Remove', sending: 'Cancel', failed: 'Try again', done: '' }[state];
    item.button.setAttribute('aria-label', `${item.button.textContent} ${item.file.name}`);
    refresh();
  };

  const refresh = () => {
    const waiting = items.filter((item) => item.state === 'waiting').length;
    sendButton.disabled = ended || waiting === 0;
    sendButton.textContent = waiting > 1 ? `Upload ${waiting} files` : 'Upload';
    input.disabled = ended || finished || (!several && items.some((item) => item.state === 'sending'));
  };

  const remove = (item) => {
    items.splice(items.indexOf(item), 1);
    item.row.remove();
    refresh();
  };

  const add = (file) => {
    const problem = objection(file);
    if (problem) return problem;
    // One that failed makes room for the one that is chosen in its place.
    for (const old of items.filter((item) => !several || item.file.name === file.name)) remove(old);
    const row = document.createElement('li'), name = document.createElement('span'), button = document.createElement('button');
    const bar = document.createElement('progress'), detail = document.createElement('p');
    name.textContent = file.name;
    button.type = 'button';
    bar.max = Math.max(file.size, 1);
    bar.value = 0;
    bar.setAttribute('aria-label', `Progress of ${file.name}`);
    row.append(name, button, bar, detail);
    list.append(row);
    const item = { file, row, button, bar, detail, state: 'waiting', running: new Set() };
    items.push(item);
    button.onclick = () => {
      if (item.state === 'waiting') { remove(item); input.focus(); }
      else if (item.state === 'sending') for (const running of item.running) running.abort();
      else if (item.state === 'failed') { show(item, 'waiting', size(file.size)); start(); }
    };
    show(item, 'waiting', size(file.size));
    return null;
  };

  const choose = (files) => {
    if (ended || finished) return;
    const problems = (several ? files : files.slice(0, 1)).map(add).filter(Boolean);
    if (!several && files.length > 1) problems.push('Only one file can be uploaded here; the first one was taken.');
    const count = items.filter((item) => item.state === 'waiting').length;
    say(problems.join(' ') || (count === 1 ? '1 file is ready to be uploaded.' : `${count} files are ready to be uploaded.`), problems.length ? 'bad' : '');
  };

  const transfer = async (item) => {
    const percent = (loaded) => {
      item.bar.value = Math.min(loaded, item.bar.max);
      item.detail.textContent = `${size(Math.min(loaded, item.file.size))} of ${size(item.file.size)}`;
    };
    show(item, 'sending', `0 of ${size(item.file.size)}`);
    try {
      await SENDERS[plan.kind](item, percent);
      show(item, 'done', `Uploaded, ${size(item.file.size)}`, 'good');
      if (!several) finished = true;
    } catch (error) {
      show(item, 'failed', error.isTold ? error.message : `This browser cannot read the file: ${error.message}`, 'bad');
    }
    refresh();
  };

  let working = 0;
  const start = async () => {
    if (working > 0) return;
    say('Uploading.');
    const next = () => items.find((item) => item.state === 'waiting' && !ended);
    const worker = async () => {
      working += 1;
      for (let item = next(); item; item = next()) await transfer(item);
      working -= 1;
    };
    await Promise.all([worker(), worker()]);
    const done = items.filter((item) => item.state === 'done').length, failed = items.filter((item) => item.state === 'failed');
    const words = done === 1 ? '1 file is uploaded.' : `${done} files are uploaded.`;
    if (failed.length > 0) say(`${done > 0 ? `${words} ` : ''}Not uploaded: ${failed.map((item) => `${item.file.name}. ${item.detail.textContent}`).join(' ')}`, 'bad');
    else if (done > 0) say(`${words} Thank you.`, 'good');
    if (failed.length === 0 && done > 0 && plan.redirect) window.location.assign(plan.redirect);
  };

  at('page').onsubmit = (event) => { event.preventDefault(); start(); };
  input.onchange = () => { choose([...input.files]); input.value = ''; };

  const zone = at('zone');
  for (const target of [window, zone]) {
    // A file that misses the zone would be opened in place of the page.
    target.addEventListener('dragover', (event) => { event.preventDefault(); zone.classList.add('over'); });
    target.addEventListener('dragleave', () => zone.classList.remove('over'));
  }
  window.addEventListener('drop', (event) => {
    event.preventDefault();
    zone.classList.remove('over');
    const entries = [...(event.dataTransfer.items || [])].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
    if (entries.some((entry) => entry && entry.isDirectory)) return say('A folder cannot be uploaded; please choose the files in it.', 'bad');
    return choose([...event.dataTransfer.files]);
  });
  window.addEventListener('beforeunload', (event) => { if (working > 0) event.preventDefault(); });

  const tick = () => {
    const left = plan.expiresAt - Date.now() / 1000;
    const end = new Date(plan.expiresAt * 1000);
    const endsNow = left <= 0 && !ended;
    ended = left <= 0;
    // What is under way goes on: the store looks at the time when an upload begins.
    if (endsNow && working === 0 && !finished) say('The time for this page is over. Please ask for a new one.', 'bad');
    at('clock').textContent = ended
      ? `This page closed on ${end.toLocaleString()}. Please ask for a new one.`
      : `This page closes in ${span(left)}, on ${end.toLocaleString()}.`;
    at('clock').className = ended ? 'bad' : '';
    refresh();
    if (!ended) setTimeout(tick, left < 120 || left % 60 < 1 ? 1000 : Math.min(left % 60, 30) * 1000);
  };

  const limits = [];
  if (plan.minSize !== null && plan.minSize === plan.maxSize) limits.push(`exactly ${plan.minSize} bytes`);
  else {
    if (plan.maxSize !== null) limits.push(`at most ${size(plan.maxSize)}`);
    if (plan.minSize !== null) limits.push(`at least ${size(plan.minSize)}`);
  }
  if (types.length > 0) limits.push(types.map(shownType).join(', '));
  at('limits').textContent = limits.length > 0 ? `Accepted: ${limits.join('; ')}${several ? ', each file' : ''}.` : '';
  at('limits').hidden = limits.length === 0;
  at('hint').textContent = several ? 'Drop files here, or' : 'Drop a file here, or';
  at('button').textContent = several ? 'Choose files' : 'Choose a file';
  input.multiple = several;
  if (types.length > 0) input.accept = types.map(shownType).join(',');
  at('page').hidden = false;
  tick();
})();
