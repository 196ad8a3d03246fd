export const $ = id => document.getElementById(id);

function headers(more = {}) {
  const key = $('key').value.trim();
  return key ? {...more, authorization: `Bearer ${key}`} : more;
}

export async function call(path, options = {}) {
  const response = await fetch(path, {...options, headers: headers(options.headers)});
  if (!response.ok) {
    const body = await response.json().catch(() => null);
    if (response.status === 401) $('access').open = true;
    const failure = new Error(body?.error?.message ?? `the service answered ${response.status}`);
    failure.status = response.status;
    throw failure;
  }
  return response;
}

export function facts(list, pairs) {
  list.replaceChildren(...pairs.filter(([, value]) => value !== undefined && value !== '').flatMap(([name, value]) => {
    const dt = document.createElement('dt');
    const dd = document.createElement('dd');
    dt.textContent = name;
    dd.textContent = value;
    return [dt, dd];
  }));
}

export const seconds = value => `${value.toFixed(value < 1 ? 3 : 2)} s`;

/** The events of a stream, as JSON; an event named error is thrown. */
export async function* events(response) {
  const decoder = new TextDecoder();
  const reader = response.body.getReader(); // not every browser iterates over streams
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += decoder.decode(part.value, {stream: true});
    const parts = text.split('\n\n');
    text = parts.pop();
    for (const part of parts) {
      const lines = part.split('\n');
      const data = lines.filter(line => line.startsWith('data: ')).map(line => line.slice(6)).join('\n');
      if (!data || data === '[DONE]') continue;
      const event = JSON.parse(data);
      if (event.error) throw new Error(event.error.message);
      yield event;
    }
  }
}

/** An element with a class, texts and other elements in it. */
export function element(name, className = '', ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** A button that says what went wrong where something is said. It stays enabled while it acts, for a disabled one would lose the focus. */
export function button(label, about, act, status) {
  const made = element('button', '', label);
  made.type = 'button';
  made.setAttribute('aria-label', `${label} ${about}`);
  let acting = false;
  made.onclick = async () => {
    if (acting) return;
    acting = true;
    try {
      await act();
    } catch (failure) {
      say(status, failure.message, true);
    } finally {
      acting = false;
    }
  };
  return made;
}

export function say(where, text, failed = false) {
  where.textContent = text;
  where.classList.toggle('failed', failed);
}

export const json = body => ({method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body)});
